// Command etcd is etcd's server. Its module has it as a library only: the program's main package is in a module that
// no other can require.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
