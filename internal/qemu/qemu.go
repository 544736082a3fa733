// Package qemu boots an image in an emulated machine whose network devices end in this process: frames go
// in and out one by one.
//
// The processor is emulated, not virtualized, so that the result does not depend on the machine this runs
// on. Frames pass through Unix datagram sockets, in which none are lost.
//
// Start at [Start].
package qemu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Program is the emulator that is run; Debian's package qemu-system-x86 has it.
const Program = "qemu-system-x86_64"

// Config says what machine to start.
type Config struct {
	Kind    string   // microvm, pc or q35
	Image   string   // started as a kernel, or as a CD if its name ends in .iso
	Devices int      // virtio network devices
	CPU     string   // processor model; empty for the default one
	Cards   []string // of network devices, as QEMU names them; nil for virtio
	Without string   // a feature of the machine that is off, as QEMU names it
	Memory  int      // MiB; 0 for 128
}

// Machine is a machine that runs.
type Machine struct {
	cmd    *exec.Cmd
	folder string
	ends   []*net.UnixConn
	nf     []*net.UnixAddr
	log    chan string
	done   chan struct{}
	once   sync.Once
	began  time.Time
}

// Start starts a machine. It is stopped by Close, or when the context ends.
func Start(ctx context.Context, c Config) (*Machine, error) {
	folder, err := os.MkdirTemp("", "vigor-qemu-")
	if err != nil {
		return nil, fmt.Errorf("starting a machine: %w", err)
	}
	m := &Machine{folder: folder, log: make(chan string, 1<<12), done: make(chan struct{})}
	args := c.arguments()
	for i := range c.Devices {
		more, err := m.connect(c, i)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("starting a machine: %w", err), m.release())
		}
		args = append(args, more...)
	}
	m.cmd = exec.CommandContext(ctx, Program, args...)
	out, err := m.cmd.StdoutPipe()
	if err == nil {
		m.cmd.Stderr = m.cmd.Stdout
		m.began = time.Now()
		err = m.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting a machine: %w", err), m.release())
	}
	go m.read(out)
	return m, nil
}

// arguments are those of the machine without its devices.
func (c Config) arguments() []string {
	kind, memory := c.Kind, c.Memory
	if kind == "microvm" {
		kind = "microvm,isa-serial=on,pit=on"
	}
	if c.Without != "" {
		kind += "," + c.Without + "=off"
	}
	if memory == 0 {
		memory = 128
	}
	args := []string{
		"-M", kind, "-accel", "tcg", "-m", fmt.Sprint(memory), "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio",
		"-global", "virtio-mmio.force-legacy=false",
	}
	if c.CPU != "" {
		args = append(args, "-cpu", c.CPU)
	}
	if strings.HasSuffix(c.Image, ".iso") {
		return append(args, "-cdrom", c.Image)
	}
	return append(args, "-kernel", c.Image)
}

// connect opens this process's end of a device, and returns the arguments for the other.
func (m *Machine) connect(c Config, i int) ([]string, error) {
	here := filepath.Join(m.folder, fmt.Sprintf("here%d", i))
	there := filepath.Join(m.folder, fmt.Sprintf("there%d", i))
	end, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: here, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	m.ends = append(m.ends, end)
	m.nf = append(m.nf, &net.UnixAddr{Name: there, Net: "unixgram"})
	card := fmt.Sprintf("virtio-net-pci,netdev=n%d,disable-legacy=on", i)
	switch {
	case c.Cards != nil:
		card = fmt.Sprintf("%s,netdev=n%d", c.Cards[i], i)
	case c.Kind == "microvm":
		card = fmt.Sprintf("virtio-net-device,netdev=n%d,bus=virtio-mmio-bus.%d", i, i)
	}
	return []string{
		"-netdev", fmt.Sprintf("dgram,id=n%d,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s", i, there, here),
		"-device", card,
	}, nil
}

// read passes on the lines of the serial port.
func (m *Machine) read(out io.Reader) {
	defer close(m.done)
	defer close(m.log)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		select {
		case m.log <- strings.TrimRight(lines.Text(), "\r"):
		default: // nobody reads: the machine must not wait
		}
	}
	_ = m.cmd.Wait() // it was killed, or has said why it ends
}

// Lines are what the machine writes to its serial port, and what QEMU complains about.
func (m *Machine) Lines() <-chan string { return m.log }

// Wait returns the lines up to the first one with a text; an error if none comes in time.
func (m *Machine) Wait(text string, limit time.Duration) ([]string, error) {
	var seen []string
	for timer := time.After(limit); ; {
		select {
		case line, ok := <-m.log:
			if !ok {
				return seen, fmt.Errorf("the machine has ended without %q:\n%s", text, strings.Join(seen, "\n"))
			}
			if seen = append(seen, line); strings.Contains(line, text) {
				return seen, nil
			}
		case <-timer:
			return seen, fmt.Errorf("the machine has not written %q in %v:\n%s", text, limit, strings.Join(seen, "\n"))
		}
	}
}

// Send has a frame arrive at a device.
func (m *Machine) Send(device int, frame []byte) error {
	_, err := m.ends[device].WriteToUnix(frame, m.nf[device])
	return err
}

// Receive waits for a frame that leaves by a device.
func (m *Machine) Receive(device int, limit time.Duration) ([]byte, error) {
	frame := make([]byte, 1<<16)
	if err := m.ends[device].SetReadDeadline(time.Now().Add(limit)); err != nil {
		return nil, err
	}
	n, err := m.ends[device].Read(frame)
	return frame[:n], err
}

// Age is how long ago the emulator was started.
func (m *Machine) Age() time.Duration { return time.Since(m.began) }

// Close ends the machine.
func (m *Machine) Close() error {
	var err error
	m.once.Do(func() {
		_ = m.cmd.Process.Kill() // or it has ended already
		<-m.done
		err = m.release()
	})
	return err
}

// release gives up sockets and files.
func (m *Machine) release() error {
	for _, end := range m.ends {
		_ = end.Close()
	}
	return os.RemoveAll(m.folder)
}
