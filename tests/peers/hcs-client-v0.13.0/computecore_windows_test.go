package hcs_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// has fails unless an error is this HRESULT.
func has(t *testing.T, wanted uint32, err error) {
	t.Helper()
	if !errors.Is(err, code(wanted)) {
		t.Fatalf("%v instead of %v", err, code(wanted))
	}
}

func TestComputecoreCreateIsUnique(t *testing.T) {
	described := document(t)
	system, err := create(t, t.Name(), described)
	must(t, err)
	_, err = create(t, t.Name(), described)
	has(t, eSystemAlreadyExists, err)
	// The handle that came with the failure, which nobody closed, does not keep the system.
	hcsCloseComputeSystem.Call(system)
	has(t, eSystemNotFound, opens(t, t.Name()))
}

func TestComputecoreOperationBeforeItsCall(t *testing.T) {
	value, _, _ := hcsGetOperationResult.Call(operation(t), 0)
	has(t, eOperationNotStarted, result(value))
}

func TestComputecoreStartsOnce(t *testing.T) {
	_, err := onSystem(t, hcsStartComputeSystem, running(t), "")
	has(t, eInvalidState, err)
}

func TestComputecoreOpen(t *testing.T) {
	running(t)
	must(t, opens(t, t.Name()))
	has(t, eSystemNotFound, opens(t, "nobody"))
}

// opens opens a system, asks it something and closes it.
func opens(t *testing.T, id string) error {
	t.Helper()
	var system uintptr
	value, _, _ := hcsOpenComputeSystem.Call(text(id), genericAll, uintptr(unsafe.Pointer(&system)))
	if err := result(value); err != nil {
		return err
	}
	defer hcsCloseComputeSystem.Call(system)
	said, err := onSystem(t, hcsGetComputeSystemProperties, system, "")
	must(t, err)
	if !strings.Contains(said, `"Running"`) {
		t.Fatalf("properties %s", said)
	}
	return nil
}

func TestComputecoreEnumerate(t *testing.T) {
	running(t)
	said, err := done(t, func(operation uintptr) uintptr {
		value, _, _ := hcsEnumerateComputeSystems.Call(text(`{"Ids":["`+t.Name()+`"]}`), operation)
		return value
	})
	must(t, err)
	var list []struct{ Id, State, Owner string }
	must(t, json.Unmarshal([]byte(said), &list))
	if len(list) != 1 || list[0].Id != t.Name() || list[0].State != "Running" || list[0].Owner != "winlab" {
		t.Fatalf("found %s", said)
	}
}

func TestComputecoreProcessStreams(t *testing.T) {
	handle, information := process(t, running(t), "cmd")
	if information.Pid == 0 || information.Stderr != 0 {
		t.Fatalf("information %+v", information)
	}
	stdin, stdout := file(information.Stdin), file(information.Stdout)
	_, err := stdin.WriteString("echo hello\r\nexit 3\r\n")
	must(t, err)
	out, err := io.ReadAll(stdout)
	must(t, err)
	if !strings.Contains(string(out), "hello\r\n") {
		t.Fatalf("printed %q", out)
	}
	status, err := exit(hcsWaitForProcessExit, handle, waitMs)
	must(t, err)
	if status["ExitCode"] != 3.0 {
		t.Fatalf("status %v", status)
	}
}

func TestComputecoreProcessOpened(t *testing.T) {
	system := running(t)
	_, information := process(t, system, "cmd")
	var opened uintptr
	value, _, _ := hcsOpenProcess.Call(
		system, uintptr(information.Pid), genericAll, uintptr(unsafe.Pointer(&opened)))
	must(t, result(value))
	_, err := exit(hcsWaitForProcessExit, opened, 10)
	has(t, eOperationTimeout, err)
	terminate := func() error {
		_, err := onSystem(t, hcsTerminateProcess, opened, "")
		return err
	}
	must(t, terminate())
	status, err := exit(hcsWaitForProcessExit, opened, waitMs)
	must(t, err)
	if status["ExitCode"] == 0.0 {
		t.Fatalf("status %v", status)
	}
	// What TerminateProcess says of a process that has ended (hcsshim, internal/hcs/process.go).
	has(t, eAccessDenied, terminate())
	hcsCloseProcess.Call(opened)
}

func TestComputecoreProcessSignalled(t *testing.T) {
	handle, _ := process(t, running(t), "ping -t localhost")
	_, err := onSystem(t, hcsSignalProcess, handle, `{"Signal":"CtrlC"}`)
	must(t, err)
	status, err := exit(hcsWaitForProcessExit, handle, waitMs)
	must(t, err)
	if status["ExitCode"] == nil {
		t.Fatalf("status %v", status)
	}
}

// ends makes a call that ends a system: it is told by the callback and by the wait, whichever call it is.
func ends(t *testing.T, system uintptr, call *windows.LazyProc) {
	t.Helper()
	events := make(chan uint32, 16)
	told := windows.NewCallback(func(event *struct {
		Kind uint32
	}, _ uintptr) uintptr {
		events <- event.Kind
		return 0
	})
	value, _, _ := hcsSetComputeSystemCallback.Call(system, eventOptionNone, 0, told)
	must(t, result(value))
	_, err := onSystem(t, call, system, "")
	must(t, err)
	_, err = exit(hcsWaitForComputeSystemExit, system, waitMs)
	must(t, err)
	for limit := time.After(patience); ; {
		select {
		case kind := <-events:
			if kind == eventSystemExited {
				return
			}
		case <-limit:
			t.Fatal("no callback")
		}
	}
}

func TestComputecoreShutdown(t *testing.T)  { ends(t, running(t), hcsShutDownComputeSystem) }
func TestComputecoreTerminate(t *testing.T) { ends(t, running(t), hcsTerminateComputeSystem) }
func TestComputecoreCrash(t *testing.T)     { ends(t, machine(t), hcsCrashComputeSystem) }

// The guest of a virtual machine can crash, a container has none.
func TestComputecoreCrashOfAContainer(t *testing.T) {
	_, err := onSystem(t, hcsCrashComputeSystem, running(t), "")
	has(t, eNotSupported, err)
}

func TestComputecoreProcessesEndWithTheirSystem(t *testing.T) {
	system := running(t)
	handle, _ := process(t, system, "cmd")
	ends(t, system, hcsTerminateComputeSystem)
	_, err := exit(hcsWaitForProcessExit, handle, waitMs)
	must(t, err)
}

func TestComputecoreNothingAfterTheEnd(t *testing.T) {
	system := running(t)
	_, err := onSystem(t, hcsTerminateComputeSystem, system, "")
	must(t, err)
	_, err = exit(hcsWaitForComputeSystemExit, system, waitMs)
	must(t, err)
	_, err = onSystem(t, hcsStartComputeSystem, system, "")
	has(t, eSystemAlreadyStopped, err)
}

func TestComputecoreServiceProperties(t *testing.T) {
	var document *uint16
	value, _, _ := hcsGetServiceProperties.Call(
		text(`{"PropertyTypes":["Basic"]}`), uintptr(unsafe.Pointer(&document)))
	must(t, result(value))
	if said := taken(document); !strings.Contains(said, "SupportedSchemaVersions") {
		t.Fatalf("properties %s", said)
	}
}
