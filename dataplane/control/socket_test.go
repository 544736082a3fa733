package control_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vigor/dataplane/control"
)

// listen starts a server without shards; end ends it.
func listen(t *testing.T, path string) (end func() error, err error) {
	t.Helper()
	s, err := control.Listen(path, control.Config{})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	return func() error { cancel(); return <-ended }, nil
}

// leftBehind makes a socket at which nobody listens any more.
func leftBehind(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSocketLivesAsLongAsItsServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, before := range []func(){func() {}, func() { leftBehind(t, path) }} {
		before()
		end, err := listen(t, path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != os.ModeSocket|0o660 {
			t.Errorf("the socket has mode %v, %v", info.Mode(), err)
		}
		if _, err := show(t, path, control.Request{Report: "build"}, false); err != nil {
			t.Error(err)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestListenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	datagrams := filepath.Join(dir, "datagrams")
	other, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: datagrams, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	taken := filepath.Join(dir, "taken")
	end, err := listen(t, taken)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file:                              "is no socket",
		link:                              "is no socket",
		dir:                               "is no socket",
		datagrams:                         "cannot be found out",
		taken:                             "another program listens at",
		filepath.Join(dir, "none", "s"):   "there is no folder",
		filepath.Join(file, "s"):          "not a directory",
		dir + strings.Repeat("/long", 20): "a path of at most 90",
	} {
		if end, err := listen(t, path); err == nil {
			t.Errorf("%s: listens", path)
			end()
		} else if !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "listening on the control socket: ") {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Errorf("the file is now %q, %v", text, err)
	}
	if _, err := show(t, taken, control.Request{Report: "build"}, false); err != nil {
		t.Errorf("the socket that was there: %v", err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// TestOnlyOneListens: of many that want one path, one gets it, whatever was there before.
func TestOnlyOneListens(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "s")
		leftBehind(t, path)
		var group sync.WaitGroup
		ends := make(chan func() error, 8)
		for range cap(ends) {
			group.Go(func() {
				if s, err := control.Listen(path, control.Config{}); err == nil {
					ctx, cancel := context.WithCancel(context.Background())
					ended := make(chan error, 1)
					go func() { ended <- s.Serve(ctx) }()
					ends <- func() error { cancel(); return <-ended }
				}
			})
		}
		group.Wait()
		close(ends)
		n := 0
		for end := range ends {
			n++
			if err := end(); err != nil {
				t.Error(err)
			}
		}
		if n != 1 {
			t.Fatalf("%d listen", n)
		}
	}
}

// TestFolderGone: without the folder there is nothing to remove.
func TestFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	end, err := listen(t, filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// TestAnothersSocketStays: a server whose socket was replaced does not remove what has its name now.
func TestAnothersSocketStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	end, err := listen(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other, err := listen(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := show(t, path, control.Request{Report: "build"}, false); err != nil {
		t.Errorf("the other's socket: %v", err)
	}
	if err := other(); err != nil {
		t.Error(err)
	}
}

func TestAskRefuses(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	leftBehind(t, stale)
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "there is no socket",
		stale:                      "nobody listens at",
		plain:                      "is no socket",
	} {
		if _, err := show(t, path, control.Request{Report: "tables"}, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	for name, answer := range map[string]string{
		"no end":          "",
		"no JSON":         "hello\n",
		"half a line":     `{"rows":[]`,
		"a row too wide":  `{"columns":[{"name":"a","kind":"text"}]}` + "\n" + `{"rows":[["x","y"]]}` + "\n",
		"rows at once":    `{"rows":[["x"]]}` + "\n",
		"error":           `{"error":"no such thing"}` + "\n",
		"a line too long": strings.Repeat(" ", 2<<20),
	} {
		path := filepath.Join(dir, "fake")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := l.Accept(); err == nil {
				conn.Read(make([]byte, 100))
				conn.Write([]byte(answer))
				conn.Close()
			}
		}()
		if got, err := show(t, path, control.Request{Report: "tables"}, false); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("%s: prints %q", name, got)
		}
		l.Close()
	}
}

// TestPrintable: nothing that comes from a program steers the terminal.
func TestPrintable(t *testing.T) {
	var out strings.Builder
	p := &control.Printer{Out: &out}
	if err := p.Print(control.Answer{Columns: []control.Column{{Name: "a", Kind: control.Text}}, Rows: [][]any{{"x\x1b[2J\ny"}}}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "a\nx?[2J?y\n" {
		t.Errorf("got %q", got)
	}
}

// TestRefusalIsRead: why a server does not listen is told, even if it has closed before it is asked.
func TestRefusalIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(`{"error":"too many"}` + "\n"))
			conn.Close()
		}
	}()
	var askers sync.WaitGroup
	for range 8 { // so that some are put aside between connecting and asking
		askers.Go(func() {
			for range 200 {
				_, err := show(t, path, control.Request{Report: "build"}, false)
				if err == nil || !strings.HasSuffix(err.Error(), ": too many") {
					t.Errorf("got %v, want too many", err)
					return
				}
			}
		})
	}
	askers.Wait()
}
