//go:build linux

package process

import "golang.org/x/sys/unix"

// adviseHuge asks for huge pages in a region, and for those that are there already to be put together
// now (madvise(2); MADV_COLLAPSE since Linux 6.1). Collapsing is a favour: without it the kernel does so
// by and by.
func adviseHuge(r region) error {
	if err := madvise(r, unix.MADV_HUGEPAGE); err != nil {
		return err
	}
	_ = madvise(r, unix.MADV_COLLAPSE)
	return nil
}

// madvise gives advice about memory; the advices used here leave its content as it is.
func madvise(r region, advice uintptr) error {
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, uintptr(r.from), uintptr(r.to-r.from), advice); errno != 0 {
		return errno
	}
	return nil
}
