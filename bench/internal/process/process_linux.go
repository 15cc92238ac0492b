package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// init keeps main on the process's first thread: what it starts is ended by the kernel when that thread is gone, and
// inherits the cores it is kept on.
func init() { runtime.LockOSThread() }

// StartOn starts cmd on one core, counted among those that this process may use; -1 is any. Only main calls it.
func StartOn(core int, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if core < 0 {
		return cmd.Start()
	}
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return fmt.Errorf("sched_getaffinity: %w", err)
	}
	one, err := nth(&all, core)
	if err != nil {
		return err
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("sched_setaffinity: %w", err)
	}
	err = cmd.Start()
	_ = unix.SchedSetaffinity(0, &all) // what was allowed before is allowed again
	return err
}

// nth returns the set of the n-th core of all.
func nth(all *unix.CPUSet, n int) (one unix.CPUSet, err error) {
	for cpu := range 64 * len(all) {
		if !all.IsSet(cpu) {
			continue
		}
		if n == 0 {
			one.Set(cpu)
			return one, nil
		}
		n--
	}
	return one, fmt.Errorf("fewer cores than needed: use -pin=false")
}

// UsageOf asks the kernel about a running process. The process's CPU clock is the sum of /proc/PID/stat, but in
// nanoseconds instead of hundredths of a second, which would be several per cent of a short run.
func UsageOf(pid int) (Usage, error) {
	const schedClock = 2                         // CPUCLOCK_SCHED
	clock := int32(^uint32(pid)<<3) | schedClock // as clock_getcpuclockid(3) makes it
	var spec unix.Timespec
	if err := unix.ClockGettime(clock, &spec); err != nil {
		return Usage{}, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Usage{}, err
	}
	peak, err := highWater(status)
	return Usage{CPU: time.Duration(spec.Nano()), Peak: peak}, err
}

// highWater takes VmHWM from /proc/PID/status.
func highWater(status []byte) (int64, error) {
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	number, _, found := bytes.Cut(bytes.TrimLeft(rest, " \t"), []byte(" kB"))
	if !found {
		return 0, errors.New("no VmHWM in /proc/PID/status")
	}
	kib, err := strconv.ParseInt(string(number), 10, 64)
	return kib << 10, err
}
