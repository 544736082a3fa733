package process

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
)

const (
	// hugePage is the size of a huge page in bytes, on amd64 and arm64 with pages of 4 KiB.
	hugePage = 2 << 20
	// largeArray is the size in bytes from which an array of state is worth a huge page: it has 32
	// pages of 4 KiB, half as many as a first-level TLB has entries.
	largeArray = 128 << 10
	// maxDepth is how many pointers and structs lie between a function and its arrays at most.
	maxDepth = 16
)

// Pages says how much of the memory around a network function's large arrays lies on huge pages, in
// bytes.
type Pages struct {
	Asked int64 // whole huge pages; 0 if there is no large array
	Huge  int64 // at most Asked
}

// region is a range of addresses, of whole huge pages.
type region struct{ from, to uint64 }

// UseHugePages asks the kernel to put the arrays that a network function's state consists of on huge
// pages, unless they are small, and reports what came of it. The function is a pointer to a struct; its
// state has been built, and nothing else uses it meanwhile. An error means that the kernel takes no
// such wishes.
func UseHugePages(function any) (Pages, error) {
	regions := merge(arrays(reflect.ValueOf(function), maxDepth))
	var pages Pages
	for _, r := range regions {
		pages.Asked += int64(r.to - r.from)
		if err := adviseHuge(r); err != nil {
			return pages, fmt.Errorf("asking for huge pages: %w", err)
		}
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return pages, fmt.Errorf("looking for huge pages: %w", err)
	}
	defer smaps.Close()
	huge, err := hugeBytes(smaps, regions)
	if err != nil {
		return pages, fmt.Errorf("looking for huge pages: %w", err)
	}
	pages.Huge = min(huge, pages.Asked)
	return pages, nil
}

// arrays finds the large arrays that a value leads to through pointers, structs and slices. Elements of
// slices are not looked into: those of state have no pointers.
func arrays(v reflect.Value, depth int) []region {
	if depth == 0 {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return arrays(v.Elem(), depth-1)
	case reflect.Struct:
		var found []region
		for i := range v.NumField() {
			found = append(found, arrays(v.Field(i), depth-1)...)
		}
		return found
	case reflect.Slice:
		size := uint64(v.Cap()) * uint64(v.Type().Elem().Size())
		if size < largeArray {
			return nil
		}
		// The heap grows by 64 MiB at a time, so that whole huge pages around an array are in it.
		start := uint64(v.Pointer())
		return []region{{start &^ (hugePage - 1), (start + size + hugePage - 1) &^ (hugePage - 1)}}
	}
	return nil
}

// merge sorts regions and joins those that touch.
func merge(regions []region) []region {
	slices.SortFunc(regions, func(a, b region) int { return cmp.Compare(a.from, b.from) })
	var merged []region
	for _, r := range regions {
		if last := len(merged) - 1; last >= 0 && r.from <= merged[last].to {
			merged[last].to = max(merged[last].to, r.to)
		} else {
			merged = append(merged, r)
		}
	}
	return merged
}

// hugeBytes adds up the huge pages in mappings that regions are part of, as smaps has them
// (proc_pid_smaps(5)): a line with the addresses of a mapping, then lines with its sizes.
func hugeBytes(smaps io.Reader, regions []region) (int64, error) {
	var total int64
	ours := false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		var m region
		var kilobytes int64
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &m.from, &m.to); n == 2 {
			ours = slices.ContainsFunc(regions, func(r region) bool { return r.from < m.to && m.from < r.to })
		} else if n, _ := fmt.Sscanf(lines.Text(), "AnonHugePages: %d kB", &kilobytes); n == 1 && ours {
			total += kilobytes << 10
		}
	}
	return total, lines.Err()
}
