// Command streams is a client of a CRI streaming server's URLs, made of client-go's own executors and port forwarder:
// what kubectl and an API server speak to a runtime.
//
//	streams spdy|websocket URL [-i] [-t]       standard streams are the command's; ends with its exit code
//	streams port-forward URL PORT              standard input and output are one connection's
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/util/exec"
)

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: streams spdy|websocket|port-forward URL ..."))
	}
	target, err := url.Parse(os.Args[2])
	if err != nil {
		fail(err)
	}
	config := &rest.Config{Host: target.Host}
	switch kind := os.Args[1]; kind {
	case "spdy":
		executor, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, target)
		run(executor, err, os.Args[3:])
	case "websocket":
		executor, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, os.Args[2])
		run(executor, err, os.Args[3:])
	case "port-forward":
		fail(forward(config, target, os.Args[3]))
	default:
		fail(fmt.Errorf("unknown kind %q", kind))
	}
}

func run(executor remotecommand.Executor, err error, flags []string) {
	if err != nil {
		fail(err)
	}
	options := remotecommand.StreamOptions{Stdout: os.Stdout, Stderr: os.Stderr}
	for _, flag := range flags {
		switch flag {
		case "-i":
			options.Stdin = os.Stdin
		case "-t":
			options.Tty = true
			options.Stderr = nil
			options.TerminalSizeQueue = &once{remotecommand.TerminalSize{Width: 120, Height: 40}}
		}
	}
	fail(executor.StreamWithContext(context.Background(), options))
}

// once gives one size, then none.
type once struct{ size remotecommand.TerminalSize }

func (o *once) Next() *remotecommand.TerminalSize {
	size := o.size
	o.size = remotecommand.TerminalSize{}
	if size.Width == 0 {
		return nil
	}
	return &size
}

// forward opens the two streams of one connection, as client-go's port forwarder does for each that it accepts.
func forward(config *rest.Config, target *url.URL, port string) error {
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, target)
	connection, _, err := dialer.Dial("portforward.k8s.io")
	if err != nil {
		return err
	}
	defer connection.Close()
	headers := http.Header{}
	headers.Set(v1.PortHeader, port)
	headers.Set(v1.PortForwardRequestIDHeader, strconv.Itoa(0))
	headers.Set(v1.StreamType, v1.StreamTypeError)
	problems, err := connection.CreateStream(headers)
	if err != nil {
		return err
	}
	problems.Close()
	headers.Set(v1.StreamType, v1.StreamTypeData)
	data, err := connection.CreateStream(headers)
	if err != nil {
		return err
	}
	go func() {
		io.Copy(data, os.Stdin)
		data.Close()
	}()
	if _, err := io.Copy(os.Stdout, data); err != nil {
		return err
	}
	message, err := io.ReadAll(problems)
	if err == nil && len(message) > 0 {
		err = errors.New(string(message))
	}
	return err
}

// fail ends the program: well without an error, with a command's own exit code, or with 125 and the error.
func fail(err error) {
	var exit exec.CodeExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &exit):
		os.Exit(exit.Code)
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(125)
	}
}
