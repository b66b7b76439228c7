package hcs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

// What computecore.dll exports, by the names of computecore.h.
var (
	computecore                   = windows.NewLazySystemDLL("computecore.dll")
	hcsCreateOperation            = computecore.NewProc("HcsCreateOperation")
	hcsCloseOperation             = computecore.NewProc("HcsCloseOperation")
	hcsGetOperationResult         = computecore.NewProc("HcsGetOperationResult")
	hcsWaitForOperationResult     = computecore.NewProc("HcsWaitForOperationResult")
	hcsWaitForOperationProcess    = computecore.NewProc("HcsWaitForOperationResultAndProcessInfo")
	hcsEnumerateComputeSystems    = computecore.NewProc("HcsEnumerateComputeSystems")
	hcsCreateComputeSystem        = computecore.NewProc("HcsCreateComputeSystem")
	hcsOpenComputeSystem          = computecore.NewProc("HcsOpenComputeSystem")
	hcsCloseComputeSystem         = computecore.NewProc("HcsCloseComputeSystem")
	hcsStartComputeSystem         = computecore.NewProc("HcsStartComputeSystem")
	hcsShutDownComputeSystem      = computecore.NewProc("HcsShutDownComputeSystem")
	hcsTerminateComputeSystem     = computecore.NewProc("HcsTerminateComputeSystem")
	hcsCrashComputeSystem         = computecore.NewProc("HcsCrashComputeSystem")
	hcsGetComputeSystemProperties = computecore.NewProc("HcsGetComputeSystemProperties")
	hcsSetComputeSystemCallback   = computecore.NewProc("HcsSetComputeSystemCallback")
	hcsWaitForComputeSystemExit   = computecore.NewProc("HcsWaitForComputeSystemExit")
	hcsCreateProcess              = computecore.NewProc("HcsCreateProcess")
	hcsOpenProcess                = computecore.NewProc("HcsOpenProcess")
	hcsCloseProcess               = computecore.NewProc("HcsCloseProcess")
	hcsTerminateProcess           = computecore.NewProc("HcsTerminateProcess")
	hcsSignalProcess              = computecore.NewProc("HcsSignalProcess")
	hcsGetProcessInfo             = computecore.NewProc("HcsGetProcessInfo")
	hcsWaitForProcessExit         = computecore.NewProc("HcsWaitForProcessExit")
	hcsGetServiceProperties       = computecore.NewProc("HcsGetServiceProperties")
	localFree                     = windows.NewLazySystemDLL("kernel32.dll").NewProc("LocalFree")
)

const (
	genericAll = 0x1000_0000
	waitMs     = 30_000

	eOperationNotStarted  = 0x80370115
	eInvalidState         = 0x80370105
	eSystemNotFound       = 0x8037010e
	eSystemAlreadyExists  = 0x8037010f
	eSystemAlreadyStopped = 0x80370110
	eOperationTimeout     = 0x80370118
	eAccessDenied         = 0x80070005
	eNotSupported         = 0x80070032
	eventSystemExited     = 1
	eventOptionNone       = 0
)

// processInformation is HCS_PROCESS_INFORMATION.
type processInformation struct {
	Pid                   uint32
	reserved              uint32
	Stdin, Stdout, Stderr windows.Handle
}

// code is an HRESULT as the header's tables have it: without the bit that only says that it is one of NTSTATUS' facilities.
type code uint32

func (c code) Error() string { return fmt.Sprintf("HRESULT %#x", uint32(c)) }

func result(value uintptr) error {
	if int32(uint32(value)) >= 0 {
		return nil
	}
	return code(uint32(value) &^ 0x4000_0000)
}

func text(value string) uintptr {
	if value == "" {
		return 0
	}
	pointer, err := windows.UTF16PtrFromString(value)
	if err != nil {
		panic(err)
	}
	kept = append(kept, pointer)
	return uintptr(unsafe.Pointer(pointer))
}

// kept holds the strings that a call still reads when Go no longer sees them.
var kept []*uint16

// taken is a string that the API gave, which is freed with LocalFree.
func taken(pointer *uint16) string {
	if pointer == nil {
		return ""
	}
	defer localFree.Call(uintptr(unsafe.Pointer(pointer)))
	return windows.UTF16PtrToString(pointer)
}

// operation is one, closed after the test.
func operation(t *testing.T) uintptr {
	t.Helper()
	handle, _, _ := hcsCreateOperation.Call(0, 0)
	if handle == 0 {
		t.Fatal("no operation")
	}
	t.Cleanup(func() { hcsCloseOperation.Call(handle) })
	return handle
}

// done makes a call that takes an operation, and waits for its result.
func done(t *testing.T, call func(operation uintptr) uintptr) (string, error) {
	t.Helper()
	operation := operation(t)
	if err := result(call(operation)); err != nil {
		return "", err
	}
	var document *uint16
	value, _, _ := hcsWaitForOperationResult.Call(operation, waitMs, uintptr(unsafe.Pointer(&document)))
	return taken(document), result(value)
}

// onSystem is a call with a compute system, an operation and a document.
func onSystem(t *testing.T, call *windows.LazyProc, system uintptr, document string) (string, error) {
	t.Helper()
	return done(t, func(operation uintptr) uintptr {
		value, _, _ := call.Call(system, operation, text(document))
		return value
	})
}

// create makes a compute system from a document of schema 2.
func create(t *testing.T, id, document string) (uintptr, error) {
	t.Helper()
	var system uintptr
	_, err := done(t, func(operation uintptr) uintptr {
		out := uintptr(unsafe.Pointer(&system))
		value, _, _ := hcsCreateComputeSystem.Call(text(id), text(document), operation, 0, out)
		return value
	})
	return system, err
}

// document describes a container of schema 2 over a scratch layer of its own.
func document(t *testing.T) string {
	t.Helper()
	layer := map[string]string{"Id": "00000000-0000-0000-0000-000000000001", "Path": *base}
	storage := map[string]any{"Layers": []any{layer}, "Path": scratch(t, t.Name()) + `\`}
	written, err := json.Marshal(map[string]any{
		"SchemaVersion":                     map[string]int{"Major": 2, "Minor": 1},
		"Owner":                             "winlab",
		"ShouldTerminateOnLastHandleClosed": true,
		"Container":                         map[string]any{"Storage": storage},
	})
	must(t, err)
	return string(written)
}

// running is a compute system that runs, closed after the test.
func running(t *testing.T) uintptr {
	t.Helper()
	system, err := create(t, t.Name(), document(t))
	must(t, err)
	t.Cleanup(func() { hcsCloseComputeSystem.Call(system) })
	_, err = onSystem(t, hcsStartComputeSystem, system, "")
	must(t, err)
	return system
}

// machine is a virtual machine that runs, closed after the test.
func machine(t *testing.T) uintptr {
	t.Helper()
	system, err := create(t, t.Name(), `{"SchemaVersion":{"Major":2,"Minor":1},"ShouldTerminateOnLastHandleClosed":true,
		"VirtualMachine":{"ComputeTopology":{"Memory":{"SizeInMB":1024}}}}`)
	must(t, err)
	t.Cleanup(func() { hcsCloseComputeSystem.Call(system) })
	_, err = onSystem(t, hcsStartComputeSystem, system, "")
	must(t, err)
	return system
}

// process starts a command with its streams.
func process(t *testing.T, system uintptr, command string) (uintptr, processInformation) {
	t.Helper()
	parameters, err := json.Marshal(map[string]any{
		"CommandLine": command, "CreateStdInPipe": true, "CreateStdOutPipe": true,
	})
	must(t, err)
	var handle uintptr
	operation := operation(t)
	value, _, _ := hcsCreateProcess.Call(
		system, text(string(parameters)), operation, 0, uintptr(unsafe.Pointer(&handle)))
	must(t, result(value))
	var information processInformation
	value, _, _ = hcsWaitForOperationProcess.Call(operation, waitMs, uintptr(unsafe.Pointer(&information)), 0)
	must(t, result(value))
	t.Cleanup(func() { hcsCloseProcess.Call(handle) })
	return handle, information
}

// exit waits for a process or a system, and reads what it left.
func exit(call *windows.LazyProc, handle uintptr, ms uintptr) (map[string]any, error) {
	var document *uint16
	value, _, _ := call.Call(handle, ms, uintptr(unsafe.Pointer(&document)))
	status := map[string]any{}
	if said := taken(document); said != "" {
		if err := json.Unmarshal([]byte(said), &status); err != nil {
			return nil, err
		}
	}
	return status, result(value)
}

// file is one of a process's streams.
func file(handle windows.Handle) *os.File { return os.NewFile(uintptr(handle), "stream") }
