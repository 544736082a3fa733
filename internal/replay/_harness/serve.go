// Package main runs a network function on the states and packets it reads.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"vigor/libvig"
	"vigor/nf"
)

// maxStack is the stack size in bytes at which endless recursion is noticed.
const maxStack = 16 << 20

// processor is an NF.
type processor interface {
	Process(p *nf.Packet) nf.Action
}

// hint asks an NF for its hints, if it gives any, and follows them. That changes nothing, or the result
// shows it.
func hint(function any, p *nf.Packet) {
	method := reflect.ValueOf(function).MethodByName("Hint")
	if !method.IsValid() {
		return
	}
	var hints libvig.Hints
	for _, h := range method.Call([]reflect.Value{reflect.ValueOf(p)}) {
		hints.Add(h.Interface().(libvig.Hint))
	}
	hints.Warm()
}

// serve answers each case on standard input by a result on standard output.
func serve[C any, P processor](construct func(nf.Env, C) (P, error)) {
	limitMemory()
	debug.SetMaxStack(maxStack)
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var c Case
		err := in.Decode(&c)
		if errors.Is(err, io.EOF) {
			return
		}
		r := refused(err)
		if err == nil {
			r = run(construct, &c)
		}
		if out.Encode(r) != nil || err != nil {
			os.Exit(1)
		}
	}
}

// run runs one case.
func run[C any, P processor](construct func(nf.Env, C) (P, error), c *Case) (r Result) {
	var s state
	defer func() {
		if v := recover(); v != nil {
			r = Result{Status: Panicked, Message: fmt.Sprint(v), Stack: stack()}
		}
		r.Other = s.other
	}()
	var config C
	if err := setLeaves(reflect.ValueOf(&config).Elem(), c.Config); err != nil {
		return refused(fmt.Errorf("config: %w", err))
	}
	if v, ok := any(&config).(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return Result{Status: InvalidConfig, Message: err.Error()}
		}
	}
	env := nf.Env{Devices: c.Env.Devices, HashKey: c.Env.HashKey}
	function, err := construct(env, config)
	if err != nil {
		return Result{Status: NewFailed, Message: err.Error()}
	}
	if err := s.find(reflect.ValueOf(function), reflect.TypeFor[C]()); err != nil {
		return refused(err)
	}
	if err := s.load(env, c); err != nil {
		return refused(err)
	}
	p := nf.NewPacket(c.Packet.Data, nf.Device(c.Packet.Device), c.Packet.Time)
	if c.Hint {
		hint(function, &p)
	}
	action := function.Process(&p)
	return Result{
		Status: Ran,
		Action: &Action{
			Kind: action.Kind.String(), Reason: reason(action),
			Device: uint16(action.Device), Devices: uint64(action.Devices),
		},
		Data: p.Bytes(), Objects: s.dump(c), Cells: s.dumpCells(),
	}
}

// reason returns the name of an action's reason, "" if it needs none.
func reason(a nf.Action) string {
	if a.Kind != nf.Dropped && a.Reason == nf.NoReason {
		return ""
	}
	return a.Reason.String()
}

// refused is the result for a case that is no state of the NF.
func refused(err error) Result {
	if err == nil {
		return Result{}
	}
	return Result{Status: Refused, Message: err.Error()}
}

// stack lists the calls that led to a panic, without those of the runtime and of the harness.
func stack() []string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(0, pc)])
	var lines []string
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") && !strings.HasPrefix(f.Function, "main.") {
			lines = append(lines, fmt.Sprintf("%s %s:%d", f.Function, f.File, f.Line))
		}
		if !more {
			return lines
		}
	}
}
