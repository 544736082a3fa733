package program

import (
	"context"
	"fmt"
	"strings"
)

// plainFlags are flags of the go command that leave open neither which files are compiled nor what they
// mean. Tags and modules are among them: the identity follows both.
var plainFlags = map[string]bool{
	"tags": true, "mod": true, "modfile": true, "modcacherw": true, "p": true, "v": true, "x": true,
	"trimpath": true, "buildvcs": true, "a": true, "work": true,
	"pgo": true, // which calls are inlined
}

// checkFlags refuses flags that everybody's go command is given by the environment or by "go env -w",
// and with which the compiler would read other files than those that are hashed and proved, or read
// them otherwise: -overlay, -toolexec, -gcflags and the like.
func checkFlags(ctx context.Context, folder string) error {
	flags, err := goCommand(ctx, folder, nil, "env", "GOFLAGS")
	if err != nil {
		return err
	}
	for _, flag := range strings.Fields(flags) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		if !plainFlags[name] {
			return fmt.Errorf("GOFLAGS has %s, with which another program may be compiled than the one that is proved: "+
				"take it out", flag)
		}
	}
	return nil
}
