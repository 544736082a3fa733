package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Identity is whom a process runs as.
type Identity struct {
	UID, GID int
	Groups   []int // supplementary
}

// maxID is the largest number of a user or group: the next one means "as it is" to the kernel.
const maxID = 1<<32 - 2

// Find looks a user up, by name or number, with its groups; a group, unless empty, stands in for them
// all. Numbers need no entry in /etc/passwd and /etc/group, if both are given.
func Find(name, group string) (Identity, error) {
	var id Identity
	found, err := user.Lookup(name)
	if err != nil {
		found, err = user.LookupId(name)
	}
	number, isNumber := number(name)
	switch {
	case err == nil:
		if id.UID, err = strconv.Atoi(found.Uid); err != nil {
			return Identity{}, fmt.Errorf("user %s: %w", name, err)
		}
	case !isNumber:
		return Identity{}, fmt.Errorf("user %s: /etc/passwd has no such user", name)
	case group == "":
		return Identity{}, fmt.Errorf("user %s: /etc/passwd has no such number, and so no group: set group, too", name)
	default:
		id.UID = number
	}
	if group != "" {
		id.GID, err = findGroup(group)
		id.Groups = []int{id.GID}
		return id, err
	}
	ids := []string{found.Gid}
	if more, err := found.GroupIds(); err == nil {
		ids = append(ids, more...)
	}
	for _, text := range ids {
		n, err := strconv.Atoi(text)
		if err != nil {
			return Identity{}, fmt.Errorf("group %s of user %s: %w", text, name, err)
		}
		id.Groups = append(id.Groups, n)
	}
	id.GID = id.Groups[0]
	return id, nil
}

func findGroup(name string) (int, error) {
	if found, err := user.LookupGroup(name); err == nil {
		return strconv.Atoi(found.Gid)
	}
	if n, ok := number(name); ok {
		return n, nil
	}
	return 0, fmt.Errorf("group %s: /etc/group has no such group", name)
}

// number reads the number of a user or group.
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return int(n), err == nil && n <= maxID
}

// Become makes all threads run as an identity, with no way back.
func (id Identity) Become() error {
	if id.UID == os.Geteuid() && id.UID != 0 { // who cannot change groups
		if id.GID != os.Getegid() {
			return fmt.Errorf("becoming user %d with group %d: this process was started by that user, with group %d: start it as root, or leave out user and group",
				id.UID, id.GID, os.Getegid())
		}
		return nil
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("becoming user %d: only root can, and this process was started by user %d: start it as root, or leave out user",
			id.UID, os.Geteuid())
	}
	for _, step := range []struct {
		what string
		err  func() error
	}{
		{"setting the groups", func() error { return syscall.Setgroups(id.Groups) }},
		{"setting the group", func() error { return syscall.Setresgid(id.GID, id.GID, id.GID) }},
		{"setting the user", func() error { return syscall.Setresuid(id.UID, id.UID, id.UID) }},
	} {
		if err := step.err(); err != nil {
			return fmt.Errorf("becoming user %d: %s: %w", id.UID, step.what, err)
		}
	}
	ids := func(n int) string { return fmt.Sprintf("%d\t%d\t%d\t%d", n, n, n, n) }
	return everyThread(map[string]string{"Uid": ids(id.UID), "Gid": ids(id.GID)})
}

// DropCapabilities takes all capabilities (capabilities(7)) from all threads: what is open stays usable,
// and nothing more can be opened that needs one.
func DropCapabilities() error {
	unreached := clearCapabilities()
	if unreached != nil && unreached != syscall.ENOTSUP {
		return fmt.Errorf("dropping capabilities: %w", unreached)
	}
	const none = "0000000000000000"
	err := everyThread(map[string]string{"CapInh": none, "CapPrm": none, "CapEff": none, "CapAmb": none})
	switch {
	case err != nil && unreached != nil:
		return fmt.Errorf("dropping capabilities: %w: a program with cgo loses them only if it becomes another user: set user", err)
	case err != nil:
		return fmt.Errorf("dropping capabilities: %w", err)
	}
	return nil
}

// everyThread checks that fields of the status (proc_pid_status(5)) of each thread have a value.
func everyThread(want map[string]string) error {
	files, err := filepath.Glob("/proc/self/task/*/status")
	if err == nil && len(files) == 0 {
		err = errors.New("/proc shows no threads: mount it")
	}
	if err != nil {
		return fmt.Errorf("checking the threads: %w", err)
	}
	for _, file := range files {
		status, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // the thread has ended
		}
		if err != nil {
			return fmt.Errorf("checking the threads: %w", err)
		}
		for key, value := range want {
			if !bytes.Contains(status, []byte("\n"+key+":\t"+value+"\n")) {
				return fmt.Errorf("checking the threads: %s does not say that %s is %q", file, key, value)
			}
		}
	}
	return nil
}
