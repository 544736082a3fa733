package main

import (
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"vigor/internal/program"
	"vigor/nf"
)

const imageExample = "vigor image ./nfs/nat --config nfs/nat/nat.yaml -o nat.img"

func newImage() *cobra.Command {
	var (
		in               program.Image
		unproved, report bool
	)
	cmd := &cobra.Command{
		Use:   "image PKG --config FILE -o FILE",
		Short: "Prove an NF and make a bootable image of it",
		Long: `Prove the NF in package PKG as vigor verify does, and make an image of it that boots on an x86-64
machine, or under QEMU with -kernel, by multiboot 1 or PVH: the NF, its configuration, drivers for virtio
network devices, and no operating system. Everything that the image does not need is overwritten. Two
images of the same files are the same bytes. docs/full-stack.md says what is proved, and what is trusted.

The image works with exactly as many devices as --devices says, in the order in which the machine has them
on its first PCI bus. It reports on the first serial line, and stops the machine when something is wrong;
FILE.map tells which line of source is at which address.

If the NF is not proved, the report says why and there is no image. Exit status: 0 made,
1 violated, 2 could not start or not make, 3 unknown.`,
		Example: "  " + imageExample + " --report",
		Args:    arguments(imageExample, "package"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.File == "" {
				return &usageError{"image: no file for the image given", imageExample}
			}
			if in.Devices < 1 || in.Devices > nf.MaxDevices {
				return &usageError{fmt.Sprintf("image: %d devices: the number is 1 to %d", in.Devices, nf.MaxDevices), imageExample + " --devices 2"}
			}
			in.Package = args[0]
			if !unproved {
				in.Prove = func() (string, error) { return proveFirst(cmd, args[0]) }
			}
			made, identity, err := in.Install(cmd.Context())
			if err != nil {
				return err
			}
			out, outcome := cmd.OutOrStdout(), ""
			if unproved {
				outcome = ", " + program.Unproved
			}
			fmt.Fprintf(out, "made %s: %s%s\n", path.Base(in.File), identity, outcome)
			if report {
				_, err = out.Write(made.Report())
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&in.File, "output", "o", "", "the image to make or replace")
	flags.StringVar(&in.Config, "config", "", "the NF's configuration, in YAML, which is compiled in")
	flags.IntVar(&in.Devices, "devices", 2, "number of network devices of the machine")
	flags.BoolVar(&unproved, "unproved", false, "do not prove the NF; the image then says so")
	flags.BoolVar(&report, "report", false, "list what is in the image")
	return cmd
}
