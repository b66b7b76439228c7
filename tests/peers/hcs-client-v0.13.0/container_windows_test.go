// Package hcs_test is a client of the Host Compute Service in both generations of its API: vmcompute.dll through
// hcsshim's public API, as Docker used it, and computecore.dll by the signatures of computecore.h, for which hcsshim has
// no public API.
//
// The host has a base layer whose image has the system's own programs and nothing else.
package hcs_test

import (
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/Microsoft/hcsshim"
)

// patience bounds what ends at once; it is not how long anything takes.
const patience = 30 * time.Second

var base = flag.String("base", `C:\layers\base`, "the folder of the base layer")

// scratch prepares a scratch layer over the base, and gives back the volume it is mounted at.
func scratch(t *testing.T, id string) string {
	t.Helper()
	info := hcsshim.DriverInfo{HomeDir: `C:\scratch`}
	parents := []string{*base}
	must(t, hcsshim.CreateScratchLayer(info, id, "", parents))
	must(t, hcsshim.ActivateLayer(info, id))
	must(t, hcsshim.PrepareLayer(info, id, parents))
	t.Cleanup(func() {
		must(t, hcsshim.UnprepareLayer(info, id))
		must(t, hcsshim.DeactivateLayer(info, id))
		must(t, hcsshim.DestroyLayer(info, id))
	})
	volume, err := hcsshim.GetLayerMountPath(info, id)
	must(t, err)
	if !strings.HasPrefix(volume, `\\?\Volume{`) {
		t.Fatalf("mounted at %q, which is no volume", volume)
	}
	return volume
}

// config describes a container over a scratch layer of its own.
func config(t *testing.T) *hcsshim.ContainerConfig {
	t.Helper()
	id := t.Name()
	guid := hcsshim.NewGUID(*base)
	return &hcsshim.ContainerConfig{
		SystemType:      "Container",
		Name:            id,
		Owner:           "winlab",
		VolumePath:      scratch(t, id),
		LayerFolderPath: `C:\scratch\` + id,
		Layers:          []hcsshim.Layer{{ID: guid.ToString(), Path: *base}},
	}
}

// created is a container that has not started, and is gone after the test.
func created(t *testing.T) hcsshim.Container {
	t.Helper()
	container, err := hcsshim.CreateContainer(t.Name(), config(t))
	must(t, err)
	t.Cleanup(func() {
		// One that has ended by itself refuses, which is as good.
		if container.Terminate() == nil {
			t.Error("a termination is told to be pending, also where it is done")
		}
		_ = container.Close()
	})
	return container
}

// started is a container that runs.
func started(t *testing.T) hcsshim.Container {
	t.Helper()
	container := created(t)
	must(t, container.Start())
	return container
}

// shell starts a command interpreter with all of its streams.
func shell(t *testing.T, container hcsshim.Container) hcsshim.Process {
	t.Helper()
	process, err := container.CreateProcess(&hcsshim.ProcessConfig{
		CommandLine: "cmd", CreateStdInPipe: true, CreateStdOutPipe: true, CreateStdErrPipe: true,
	})
	must(t, err)
	return process
}

// output runs a command to its end, and gives back what it printed and its exit code.
func output(t *testing.T, container hcsshim.Container, config hcsshim.ProcessConfig) (string, string, int) {
	t.Helper()
	config.CreateStdOutPipe, config.CreateStdErrPipe = true, true
	process, err := container.CreateProcess(&config)
	must(t, err)
	defer process.Close()
	_, stdout, stderr, err := process.Stdio()
	must(t, err)
	out, err := io.ReadAll(stdout)
	must(t, err)
	problems, err := io.ReadAll(stderr)
	must(t, err)
	must(t, process.WaitTimeout(patience))
	code, err := process.ExitCode()
	must(t, err)
	return string(out), string(problems), code
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// is fails unless an error is of a kind that hcsshim has a question for.
func is(t *testing.T, kind func(error) bool, err error) {
	t.Helper()
	if err == nil || !kind(err) {
		t.Fatalf("another error: %v", err)
	}
}
