package afxdp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

// programName is what the kernel lists the XDP program as.
const programName = "vigor_afxdp"

const (
	xdpPass      = 2  // XDP_PASS in enum xdp_action (linux/bpf.h)
	rxQueueIndex = 16 // offset of rx_queue_index in struct xdp_md (linux/bpf.h)
)

// program is the XDP program of one device, and the table through which it finds a queue's socket.
//
// All shards of a device hold the same attachment: those of one process share the program, those of others hold the
// attachment besides. It ends when the last of them has closed it, however that one ends. A socket leaves the table
// when it is closed.
type program struct {
	at    location
	users int // shards of this process

	table  *ebpf.Map // from queues to sockets
	link   link.Link
	native bool
	why    error // why it is not native; nil if that was asked for, or not known
}

// location is a device: a number, which is of a network namespace.
type location struct {
	namespace uint64 // its inode
	index     int
}

// programs are those of this process. To look an attachment up in the kernel would take a capability that lets a program
// do nearly anything.
var programs = struct {
	sync.Mutex
	at map[location]*program
}{at: map[location]*program{}}

// instructions hand a frame to the socket of its queue; if there is none, it goes its usual way.
func instructions(table *ebpf.Map) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R2, asm.R1, rxQueueIndex, asm.Word),
		asm.LoadMapPtr(asm.R1, table.FD()),
		asm.Mov.Imm(asm.R3, xdpPass),
		asm.FnRedirectMap.Call(),
		asm.Return(),
	}
}

// attach gives a device the program, or joins the shards that have.
func attach(name string, index int, generic bool) (*program, error) {
	var namespace unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/net", &namespace); err != nil {
		return nil, fmt.Errorf("finding the network namespace of %s: %w", name, err)
	}
	at := location{namespace.Ino, index}
	programs.Lock()
	defer programs.Unlock()
	p := programs.at[at]
	if p == nil {
		var err error
		if p, err = attachFirst(name, index, generic); err != nil {
			return nil, err
		}
		p.at, programs.at[at] = at, p
	}
	p.users++
	return p, nil
}

// attachFirst gives a device the program for the first shard of this process.
func attachFirst(name string, index int, generic bool) (*program, error) {
	table, err := ebpf.NewMap(&ebpf.MapSpec{
		Name: programName, Type: ebpf.XSKMap, KeySize: 4, ValueSize: 4, MaxEntries: maxQueues,
	})
	if err != nil {
		return nil, explain(fmt.Errorf("making a table of sockets: %w", err))
	}
	code, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: programName, Type: ebpf.XDP, Instructions: instructions(table), License: "MIT",
	})
	if err != nil {
		table.Close()
		return nil, explain(fmt.Errorf("loading the XDP program: %w", err))
	}
	defer code.Close() // the attachment keeps it
	p := &program{table: table}
	err = p.attach(code, index, generic)
	if err == nil {
		return p, nil
	}
	table.Close()
	if !errors.Is(err, unix.EBUSY) && !errors.Is(err, unix.EEXIST) {
		return nil, explain(fmt.Errorf("attaching the XDP program to %s: %w", name, err))
	}
	return join(name, index, code)
}

// attach tries the driver first.
func (p *program) attach(code *ebpf.Program, index int, generic bool) (err error) {
	options := link.XDPOptions{Program: code, Interface: index}
	if !generic {
		options.Flags = link.XDPDriverMode
		if p.link, err = link.AttachXDP(options); err == nil {
			p.native = true
			return nil
		}
		if errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EPERM) {
			return err
		}
		p.why = err
	}
	options.Flags = link.XDPGenericMode
	p.link, err = link.AttachXDP(options)
	return err
}

// join takes part in the attachment that a device has, if it is of the same program, in another process.
func join(name string, index int, ours *ebpf.Program) (*program, error) {
	id, native, err := attached(index)
	if err != nil {
		return nil, fmt.Errorf("%s has an XDP program, which cannot be found: %w", name, err)
	}
	theirs, err := ebpf.NewProgramFromID(id)
	if err != nil {
		return nil, fmt.Errorf("%s has XDP program %d, which cannot be looked at "+
			"(that needs CAP_SYS_ADMIN); a device has one only: stop the program that uses it: %w", name, id, err)
	}
	defer theirs.Close()
	a, err := ours.Info()
	if err != nil {
		return nil, fmt.Errorf("looking at the XDP program: %w", err)
	}
	b, err := theirs.Info()
	if err != nil {
		return nil, fmt.Errorf("looking at XDP program %d of %s: %w", id, name, err)
	}
	tables, _ := b.MapIDs()
	if a.Name != b.Name || a.Tag != b.Tag || len(tables) != 1 {
		return nil, fmt.Errorf("%s has XDP program %d, %q, already, and a device has one only: "+
			"stop what uses it, or, if nothing does, `ip link set dev %s xdp off`", name, id, b.Name, name)
	}
	p := &program{native: native}
	if p.link, err = linkOf(id, index); err != nil {
		return nil, fmt.Errorf("joining the shards on %s: %w", name, err)
	}
	if p.table, err = ebpf.NewMapFromID(tables[0]); err != nil {
		p.link.Close()
		return nil, fmt.Errorf("joining the shards on %s: %w", name, err)
	}
	return p, nil
}

// linkOf finds the attachment of a program to a device.
func linkOf(id ebpf.ProgramID, index int) (link.Link, error) {
	var all link.Iterator
	defer all.Close()
	for all.Next() {
		info, err := all.Link.Info()
		if err == nil && info.Program == id && info.XDP() != nil && int(info.XDP().Ifindex) == index {
			return all.Take(), nil
		}
	}
	if all.Err() != nil {
		return nil, all.Err()
	}
	return nil, fmt.Errorf("the attachment of XDP program %d cannot be found", id)
}

// attached asks for the program of a device, and whether the driver runs it (rtnetlink(7), IFLA_XDP).
func attached(index int) (id ebpf.ProgramID, native bool, err error) {
	table, err := syscall.NetlinkRIB(unix.RTM_GETLINK, unix.AF_UNSPEC)
	if err != nil {
		return 0, false, err
	}
	messages, err := syscall.ParseNetlinkMessage(table)
	if err != nil {
		return 0, false, err
	}
	for _, m := range messages {
		const indexAt = 4 // in struct ifinfomsg
		if m.Header.Type != unix.RTM_NEWLINK || len(m.Data) < unix.SizeofIfInfomsg ||
			int(binary.NativeEndian.Uint32(m.Data[indexAt:])) != index {
			continue
		}
		attributes, err := syscall.ParseNetlinkRouteAttr(&m)
		if err != nil {
			return 0, false, err
		}
		for _, a := range attributes {
			if a.Attr.Type&^unix.NLA_F_NESTED == unix.IFLA_XDP {
				id, native = nested(a.Value)
			}
		}
	}
	if id == 0 {
		return 0, false, errors.New("it has gone")
	}
	return id, native, nil
}

// nested reads the attributes inside of IFLA_XDP.
func nested(attributes []byte) (id ebpf.ProgramID, native bool) {
	for len(attributes) >= unix.SizeofRtAttr {
		size := int(binary.NativeEndian.Uint16(attributes))
		if size < unix.SizeofRtAttr || size > len(attributes) {
			return id, native
		}
		value := attributes[unix.SizeofRtAttr:size]
		switch kind := binary.NativeEndian.Uint16(attributes[2:]); {
		case kind == unix.IFLA_XDP_PROG_ID && len(value) == 4:
			id = ebpf.ProgramID(binary.NativeEndian.Uint32(value))
		case kind == unix.IFLA_XDP_ATTACHED && len(value) == 1:
			const driver = 1 // XDP_ATTACHED_DRV (linux/if_link.h)
			native = value[0] == driver
		}
		attributes = attributes[min((size+3)&^3, len(attributes)):]
	}
	return id, native
}

// close gives up our part of the attachment.
func (p *program) close() error {
	if p == nil {
		return nil
	}
	programs.Lock()
	defer programs.Unlock()
	if p.users--; p.users > 0 {
		return nil
	}
	delete(programs.at, p.at)
	return errors.Join(p.link.Close(), p.table.Close())
}
