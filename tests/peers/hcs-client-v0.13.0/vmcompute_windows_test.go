package hcs_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/Microsoft/hcsshim"
	"golang.org/x/sys/windows"
)

func TestVmcomputeCreateIsUnique(t *testing.T) {
	config := config(t)
	container, err := hcsshim.CreateContainer(t.Name(), config)
	must(t, err)
	_, err = hcsshim.CreateContainer(t.Name(), config)
	if !errors.Is(err, windows.Errno(eSystemAlreadyExists)) {
		t.Fatalf("another error: %v", err)
	}
	is(t, hcsshim.IsPending, container.Terminate())
	must(t, container.Close())
}

func TestVmcomputeStartsOnce(t *testing.T) {
	container := started(t)
	is(t, hcsshim.IsOperationInvalidState, container.Start())
}

func TestVmcomputeNoProcessBeforeStart(t *testing.T) {
	_, err := created(t).CreateProcess(&hcsshim.ProcessConfig{CommandLine: "cmd"})
	is(t, hcsshim.IsOperationInvalidState, err)
}

func TestVmcomputeOpenUnknown(t *testing.T) {
	_, err := hcsshim.OpenContainer("nobody")
	is(t, hcsshim.IsNotExist, err)
}

func TestVmcomputeClosedHandle(t *testing.T) {
	container := started(t)
	must(t, container.Close())
	_, err := container.ProcessList()
	is(t, hcsshim.IsAlreadyClosed, err)
	again, err := hcsshim.OpenContainer(t.Name())
	must(t, err)
	is(t, hcsshim.IsPending, again.Terminate())
	must(t, again.WaitTimeout(patience))
	must(t, again.Close())
}

func TestVmcomputeProcessStreams(t *testing.T) {
	process := shell(t, started(t))
	stdin, stdout, _, err := process.Stdio()
	must(t, err)
	_, err = stdin.Write([]byte("echo hello\r\nexit 3\r\n"))
	must(t, err)
	out, err := io.ReadAll(stdout)
	must(t, err)
	if !strings.Contains(string(out), "hello\r\n") {
		t.Fatalf("printed %q", out)
	}
	must(t, process.WaitTimeout(patience))
	if code, err := process.ExitCode(); err != nil || code != 3 {
		t.Fatalf("exit code %d, %v", code, err)
	}
	must(t, process.Close())
	is(t, hcsshim.IsAlreadyClosed, process.Kill())
}

func TestVmcomputeProcessEndsWithItsInput(t *testing.T) {
	process := shell(t, started(t))
	is(t, hcsshim.IsTimeout, process.WaitTimeout(10*time.Millisecond))
	must(t, process.CloseStdin())
	must(t, process.Wait())
	if code, err := process.ExitCode(); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v", code, err)
	}
}

func TestVmcomputeProcessEnvironment(t *testing.T) {
	out, _, code := output(t, started(t), hcsshim.ProcessConfig{
		CommandLine: "cmd /c echo %GREETING%", Environment: map[string]string{"GREETING": "good day"},
	})
	if strings.TrimSpace(out) != "good day" || code != 0 {
		t.Fatalf("printed %q, exit code %d", out, code)
	}
}

func TestVmcomputeProcessExitCode(t *testing.T) {
	if _, _, code := output(t, started(t), hcsshim.ProcessConfig{CommandLine: "cmd /c exit 42"}); code != 42 {
		t.Fatalf("exit code %d", code)
	}
}

func TestVmcomputeProcessUnknownProgram(t *testing.T) {
	_, err := started(t).CreateProcess(&hcsshim.ProcessConfig{CommandLine: "nowhere.exe"})
	if err == nil || !strings.Contains(err.Error(), "0x2") {
		t.Fatalf("another error: %v", err)
	}
}

func TestVmcomputeProcessUnknownFolder(t *testing.T) {
	config := hcsshim.ProcessConfig{CommandLine: "cmd", WorkingDirectory: `C:\nowhere`}
	if _, err := started(t).CreateProcess(&config); err == nil || !strings.Contains(err.Error(), "0x10b") {
		t.Fatalf("another error: %v", err)
	}
}

func TestVmcomputeProcessKilled(t *testing.T) {
	process := shell(t, started(t))
	must(t, process.Kill())
	must(t, process.WaitTimeout(patience))
	if code, err := process.ExitCode(); err != nil || code == 0 {
		t.Fatalf("exit code %d, %v", code, err)
	}
	is(t, hcsshim.IsAlreadyStopped, process.Kill())
}

func TestVmcomputeProcessOpened(t *testing.T) {
	container := started(t)
	process := shell(t, container)
	opened, err := container.OpenProcess(process.Pid())
	must(t, err)
	if opened.Pid() != process.Pid() {
		t.Fatalf("process %d opened as %d", process.Pid(), opened.Pid())
	}
	must(t, opened.ResizeConsole(80, 25))
	must(t, process.Kill())
	must(t, opened.WaitTimeout(patience))
	_, err = container.OpenProcess(1 << 30)
	is(t, hcsshim.IsNotExist, err)
}

func TestVmcomputeProperties(t *testing.T) {
	container := started(t)
	process := shell(t, container)
	list, err := container.ProcessList()
	must(t, err)
	found := false
	for _, item := range list {
		found = found || int(item.ProcessId) == process.Pid() && item.ImageName == "cmd.exe"
	}
	if !found {
		t.Fatalf("process %d is not in %+v", process.Pid(), list)
	}
	statistics, err := container.Statistics()
	must(t, err)
	if statistics.Memory.UsageCommitBytes == 0 || statistics.ContainerStartTime.IsZero() {
		t.Fatalf("statistics of nothing: %+v", statistics)
	}
}

func TestVmcomputeEnumerate(t *testing.T) {
	container := started(t)
	list, err := hcsshim.GetContainers(hcsshim.ComputeSystemQuery{IDs: []string{t.Name()}})
	must(t, err)
	if len(list) != 1 || list[0].ID != t.Name() || list[0].State != "Running" || list[0].Owner != "winlab" {
		t.Fatalf("found %+v", list)
	}
	is(t, hcsshim.IsPending, container.Terminate())
	list, err = hcsshim.GetContainers(hcsshim.ComputeSystemQuery{Owners: []string{"somebody else"}})
	if err != nil || len(list) != 0 {
		t.Fatalf("found %+v, %v", list, err)
	}
}

func TestVmcomputeShutdown(t *testing.T) {
	container := started(t)
	is(t, hcsshim.IsTimeout, container.WaitTimeout(10*time.Millisecond))
	is(t, hcsshim.IsPending, container.Shutdown())
	must(t, container.Wait())
	_, err := container.CreateProcess(&hcsshim.ProcessConfig{CommandLine: "cmd"})
	is(t, hcsshim.IsAlreadyStopped, err)
}

func TestVmcomputeTerminateEndsProcesses(t *testing.T) {
	container := started(t)
	process := shell(t, container)
	is(t, hcsshim.IsPending, container.Terminate())
	must(t, container.WaitTimeout(patience))
	must(t, process.WaitTimeout(patience))
}

func TestVmcomputeEndsWithItsLastHandle(t *testing.T) {
	config := config(t)
	config.TerminateOnLastHandleClosed = true
	container, err := hcsshim.CreateContainer(t.Name(), config)
	must(t, err)
	must(t, container.Start())
	must(t, container.Close())
	_, err = hcsshim.OpenContainer(t.Name())
	is(t, hcsshim.IsNotExist, err)
}
