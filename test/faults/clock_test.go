//go:build faults && linux

package faults_test

import (
	"bytes"
	"debug/elf"
	wire "encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// clock is the wall clock as one process sees it. Moving that of the machine would move everybody's, a time namespace has only
// the monotonic clocks, and a static Go binary asks neither libc nor, mostly, the kernel: it calls into the vDSO, the page of
// code that the kernel maps into every process. So that page is written anew, in this one process, before its first
// instruction: clock_gettime becomes a system call, whose seconds are moved when it was the wall clock that was asked for.
type clock struct {
	pid   int
	shift int64 // where in the process the seconds stand
}

// The code, and in front of it the seconds.
var clockCode = []byte{
	0, 0, 0, 0, 0, 0, 0, 0,
	0xb8, 228, 0, 0, 0, // mov eax, SYS_clock_gettime
	0x0f, 0x05, // syscall
	0x85, 0xff, // test edi, edi: CLOCK_REALTIME is 0
	0x75, 0x0a, // jne to ret
	0x48, 0x8b, 0x0d, 0xe6, 0xff, 0xff, 0xff, // mov rcx, the seconds
	0x48, 0x01, 0x0e, // add [rsi], rcx
	0xc3, // ret
}

// errNoClock says that this machine is not one whose vDSO the code above is for.
var errNoClock = errors.New("the wall clock of one process can be moved on Linux for amd64 only, by changing its vDSO")

// install puts the code into a process that is held before its first instruction.
func (c *clock) install(pid int) error {
	if runtime.GOARCH != "amd64" {
		return errNoClock
	}
	from, to, err := vdso(pid)
	if err != nil {
		return err
	}
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = memory.Close() }() // each write has been looked at
	image := make([]byte, to-from)
	if _, err := memory.ReadAt(image, from); err != nil {
		return err
	}
	entry, err := clockEntry(image)
	if err != nil {
		return err
	}
	room := int64(len(image)-len(clockCode)) &^ 7
	if len(bytes.Trim(image[room:], "\x00")) > 0 {
		return fmt.Errorf("%w: there is no room in it", errNoClock)
	}
	const jump, seconds = 5, 8 // bytes
	if _, err := memory.WriteAt(clockCode, from+room); err != nil {
		return fmt.Errorf("%w: %w", errNoClock, err)
	}
	code := wire.LittleEndian.AppendUint32([]byte{0xe9}, uint32(room+seconds-entry-jump))
	_, err = memory.WriteAt(code, from+entry)
	c.pid, c.shift = pid, from+room
	return err
}

// vdso is where the process has it.
func vdso(pid int) (from, to int64, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "[vdso]") {
			_, err = fmt.Sscanf(line, "%x-%x", &from, &to)
			return from, to, err
		}
	}
	return 0, 0, fmt.Errorf("%w: there is none", errNoClock)
}

// clockEntry is where the function begins.
func clockEntry(image []byte) (int64, error) {
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, err
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return 0, err
	}
	for _, s := range symbols {
		if s.Name == "__vdso_clock_gettime" {
			return int64(s.Value), nil
		}
	}
	return 0, fmt.Errorf("%w: it has no clock", errNoClock)
}

// move sets how far the clock is from the true time.
func (c *clock) move(by time.Duration) error {
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", c.pid), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = memory.WriteAt(wire.LittleEndian.AppendUint64(nil, uint64(by/time.Second)), c.shift)
	return errors.Join(err, memory.Close())
}

// startHeld starts a process and calls change before its first instruction.
func startHeld(cmd *exec.Cmd, change func(pid int) error) error {
	runtime.LockOSThread() // who traces is a thread
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr.Ptrace = true
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w; nothing can be traced here: %w", errNoClock, err)
	}
	pid := cmd.Process.Pid
	if _, err := syscall.Wait4(pid, nil, 0, nil); err != nil {
		return err
	}
	return errors.Join(change(pid), syscall.PtraceDetach(pid))
}
