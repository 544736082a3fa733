package program_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"vigor/internal/image"
	"vigor/internal/program"
)

// mapping is a page that the page tables of an image map, with the rights of ring 3.
type mapping struct {
	address, size                        uint64
	user, writable, executable, uncached bool
}

// mappings reads the page tables of an image as the processor would.
func mappings(t *testing.T, made *image.Image, root uint64) []mapping {
	t.Helper()
	word := func(address uint64) uint64 { return binary.LittleEndian.Uint64(made.Bytes[address-image.Base:]) }
	var list []mapping
	var table func(at, base uint64, level int, above mapping)
	table = func(at, base uint64, level int, above mapping) {
		size := uint64(4096) << (9 * (level - 1))
		for i := range uint64(512) {
			e := word(at + i*8)
			if e&1 == 0 {
				continue
			}
			m := mapping{
				base + i*size, size, above.user && e&4 != 0, above.writable && e&2 != 0, above.executable && e>>63 == 0,
				e&0x18 == 0x18,
			}
			target := e & 0x000ffffffffff000
			switch {
			case level > 1 && e&0x80 == 0:
				table(target, m.address, level-1, m)
			case target != m.address || m.address%m.size != 0:
				t.Errorf("%#x is mapped to %#x", m.address, target)
			default:
				list = append(list, m)
			}
		}
	}
	table(root, 0, 4, mapping{user: true, writable: true, executable: true})
	return list
}

// pageTables finds the page tables' address: the entry's first constant.
func pageTables(t *testing.T, made *image.Image) uint64 {
	t.Helper()
	for _, f := range made.Functions {
		if f.Name == image.Entry+".abi0" {
			code := made.Bytes[f.Start-image.Base:]
			if !bytes.HasPrefix(code, []byte{0xfa, 0xfc, 0xb8}) || !bytes.HasPrefix(code[7:], []byte{0x0f, 0x22, 0xd8}) {
				t.Fatalf("the entry does not load page tables first: %x", code[:16])
			}
			return uint64(binary.LittleEndian.Uint32(code[3:]))
		}
	}
	t.Fatal("the image has no entry")
	return 0
}

// TestImageFile reads finished images: what can be run is live or a breakpoint, no page can be both written
// and run, data is kept or zero.
func TestImageFile(t *testing.T) {
	for _, name := range []string{"nop", "nat", "bridge"} {
		t.Run(name, func(t *testing.T) {
			_, made := makeImage(t, name, 2)
			text := made.Bytes
			live := make([]bool, len(text))
			code := uint64(0)
			for _, f := range made.Functions {
				code += f.End - f.Start
				for a := f.Start; a < f.End; a++ {
					if live[a-image.Base] {
						t.Fatalf("two functions at %#x", a)
					}
					live[a-image.Base] = true
				}
			}
			if name == "nop" && code >= 20<<10 {
				t.Errorf("%d bytes of live code, want less than 20 KiB", code)
			}
			var sealed, devices, mapped int
			tables := pageTables(t, made)
			for _, m := range mappings(t, made, tables) {
				if !m.uncached {
					mapped += int(m.size / 4096)
				}
				switch {
				case m.user && m.address >= tables && m.address < tables+5*4096:
					t.Errorf("%#x: page tables and segments are within reach of ring 3", m.address)
				case m.user && m.writable && m.executable:
					t.Errorf("%#x can be written and run", m.address)
				case m.uncached != (m.address >= 3<<30), m.uncached && m.executable:
					t.Errorf("%#x: uncached %t, executable %t", m.address, m.uncached, m.executable)
				case m.address < image.Base+4096:
					t.Errorf("%#x is mapped", m.address)
				case m.uncached:
					devices++
				case m.executable:
					for a := m.address; a < m.address+m.size; a++ {
						if a-image.Base >= uint64(len(text)) || !live[a-image.Base] && text[a-image.Base] != 0xcc {
							t.Fatalf("%#x can be run, and is neither live nor a breakpoint", a)
						} else if !live[a-image.Base] {
							sealed++
						}
					}
				}
			}
			if sealed < 400<<10 || devices != 512 {
				t.Errorf("%d bytes are sealed, %d large pages are for registers", sealed, devices)
			}
			if all := int(made.Memory+4095) / 4096; mapped != all-2 {
				t.Errorf("of %d pages %d are mapped, want all but the first and the one below the stack", all, mapped)
			}
			checkData(t, made)
		})
	}
}

// checkData fails if data is left that is not kept, as the image says.
func checkData(t *testing.T, made *image.Image) {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(made.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	kept := make([]bool, len(made.Bytes))
	for _, d := range made.Data {
		for a := d.Start; a < d.End; a++ {
			kept[a-image.Base] = true
		}
	}
	total, nonzero := 0, 0
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD || p.Flags&elf.PF_X != 0 {
			continue
		}
		for i := range p.Filesz {
			total++
			if at := p.Off + i; made.Bytes[at] != 0 {
				if nonzero++; !kept[at] {
					t.Fatalf("data at %#x is neither kept nor zero", image.Base+at)
				}
			}
		}
	}
	if total < 500<<10 || nonzero == 0 || nonzero > total/4 {
		t.Errorf("of %d bytes of data, %d are left", total, nonzero)
	}
}

// TestReportIsTrue has another disassembler read finished images: it counts the same instructions in each
// function, and every call and jump ends in a live function or at a breakpoint.
func TestReportIsTrue(t *testing.T) {
	if _, err := exec.LookPath("objdump"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("binutils is not installed; .ci/tools installs it")
		}
		t.Skip("binutils is not installed")
	}
	for _, name := range []string{"nop", "nat"} {
		t.Run(name, func(t *testing.T) {
			file, made := makeImage(t, name, 2)
			first, last := made.Functions[0].Start, made.Functions[len(made.Functions)-1].End
			out, err := exec.Command("objdump", "-D", "-b", "binary", "-m", "i386:x86-64", fmt.Sprintf("--adjust-vma=%#x", image.Base),
				fmt.Sprintf("--start-address=%#x", first), fmt.Sprintf("--stop-address=%#x", last), "-w", file).Output()
			if err != nil {
				t.Fatal(err)
			}
			count, sum := disassembled(t, made, out)
			for i, f := range made.Functions {
				if count[i] != f.Instructions {
					t.Errorf("%s has %d instructions, the report says %d", f.Name, count[i], f.Instructions)
				}
			}
			size := uint64(0)
			for _, f := range made.Functions {
				size += f.End - f.Start
			}
			want := fmt.Sprintf("live      %d functions, %d instructions, %d bytes\n", len(made.Functions), sum, size)
			if report := string(made.Report()); !strings.Contains(report, want) {
				t.Errorf("the report does not say %q:\n%s", want, report)
			}
		})
	}
}

var (
	instructionLine = regexp.MustCompile(`^ *([0-9a-f]+):\t[0-9a-f ]+\t(\S+)(?: +(?:\*)?(0x[0-9a-f]+))?`)
	branch          = regexp.MustCompile(`^(bnd )?(call|j[a-z]+)`)
)

// disassembled counts instructions by function and all together, and checks targets.
func disassembled(t *testing.T, made *image.Image, out []byte) (count []int, sum int) {
	t.Helper()
	count = make([]int, len(made.Functions))
	in := 0
	for _, line := range strings.Split(string(out), "\n") {
		found := instructionLine.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		at, _ := strconv.ParseUint(found[1], 16, 64)
		for in < len(made.Functions) && at >= made.Functions[in].End {
			in++
		}
		if in == len(made.Functions) || at < made.Functions[in].Start {
			if found[2] != "int3" {
				t.Errorf("between functions: %s", line)
			}
			continue
		}
		count[in]++
		sum++
		if branch.MatchString(found[2]) && found[3] != "" {
			target, _ := strconv.ParseUint(found[3], 0, 64)
			if !isLive(made, target) && made.Bytes[target-image.Base] != 0xcc {
				t.Errorf("%s leads to what is neither live nor a breakpoint", line)
			}
		}
	}
	return count, sum
}

func isLive(made *image.Image, address uint64) bool {
	for _, f := range made.Functions {
		if address >= f.Start && address < f.End {
			return true
		}
	}
	return false
}

// TestImagesAreAlike: two images of the same files are the same bytes, wherever they are made.
func TestImagesAreAlike(t *testing.T) {
	var first []byte
	for i, where := range []string{".", "elsewhere"} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, where), 0o755); err != nil {
			t.Fatal(err)
		}
		in := program.Image{
			Dir: "../..", Package: "./nfs/nat", Config: "nfs/nat/nat.yaml", Devices: 2, File: filepath.Join(dir, where, "nat.img"),
		}
		if *clean {
			t.Setenv("GOCACHE", filepath.Join(dir, "cache"))
		}
		made, _, err := in.Install(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text, err1 := os.ReadFile(in.File)
		lines, err2 := os.ReadFile(in.File + ".map")
		if err := errors.Join(err1, err2); err != nil || !bytes.Equal(text, made.Bytes) {
			t.Fatalf("the file differs from the image: %v", err)
		}
		if parsed, err := image.ParseLines(lines); err != nil || !bytes.Equal(parsed.Text(), lines) || len(parsed) != len(made.Lines) {
			t.Errorf("the lines are not read as they are written: %v", err)
		}
		if all := append(text, lines...); i == 0 {
			first = all
		} else if !bytes.Equal(first, all) {
			t.Error("two images of the same files differ")
		}
		if here, _ := filepath.Abs("../.."); bytes.Contains(first, []byte(here)) {
			t.Errorf("the image says where it was made: %s", here)
		}
	}
}

// documentedRow is a row of the table of parts: packages, and a number of instructions.
var documentedRow = regexp.MustCompile("(?m)^\\| ([`A-Z][^|]*) \\| ([0-9,]+) \\| ")

// TestDocumentedSizes compares what the documentation says of the NAT's image with the image: within a tenth,
// so that not every change of code is one of the document, and exactly for assembly.
func TestDocumentedSizes(t *testing.T) {
	text, err := os.ReadFile("../../docs/full-stack.md")
	if err != nil {
		t.Fatal(err)
	}
	_, made := makeImage(t, "nat", 2)
	assembly, left := 0, 0
	byPackage, byName := map[string]int{}, map[string]int{}
	for _, f := range made.Functions {
		pkg := strings.TrimPrefix(regexp.MustCompile(`^(.*/)?[^./\[]*`).FindString(strings.Split(f.Name, "[")[0]), "vigor/")
		if pkg == "nfos/boot" && f.Trusted {
			assembly += f.Instructions
			byName[strings.TrimSuffix(strings.TrimPrefix(f.Name, "vigor/nfos/boot."), ".abi0")] = f.Instructions
			continue
		}
		byPackage[pkg] += f.Instructions
		left += f.Instructions
	}
	rows := 0
	for _, row := range documentedRow.FindAllStringSubmatch(string(text), -1) {
		says, _ := strconv.Atoi(strings.ReplaceAll(row[2], ",", ""))
		got := 0
		switch {
		case strings.HasSuffix(row[1], "assembly"):
			if rows++; says != assembly {
				t.Errorf("%s: the document says %d instructions, the image has %d", row[1], says, assembly)
			}
			continue
		case strings.HasPrefix(row[1], "Go's runtime"):
			got = byPackage["runtime"] + byPackage["sync/atomic"]
		default:
			for _, name := range regexp.MustCompile("`[^`]+`").FindAllString(row[1], -1) {
				got += byPackage[strings.Trim(name, "`")]
			}
		}
		rows++
		if left -= got; got == 0 || says*10 < got*9 || says*10 > got*11 {
			t.Errorf("%s: the document says %d instructions, the image has %d", row[1], says, got)
		}
	}
	if rows != 7 || left != 0 {
		t.Errorf("the document has %d rows of sizes, and leaves out %d instructions", rows, left)
	}
	if boot := fmt.Sprintf("| boot code | 140 instructions of assembly | %d instructions, %d to boot and %d for faults |",
		byName["entry"]+byName["fault"], byName["entry"], byName["fault"]); !strings.Contains(string(text), boot) {
		t.Errorf("the document does not say %q", boot)
	}
}
