package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"vigor/dataplane/control"
)

const (
	showExample   = "vigor show tables --socket /run/vigor.sock"
	defaultSocket = "/run/vigor.sock"
	defaultLimit  = 1000
)

func newShow() *cobra.Command {
	var (
		socket string
		limit  int
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "show tables|values|counters|devices|neighbours|build|TABLE",
		Short: "Show the state of a running NF",
		Long: `Ask the program of an NF, which goes on processing packets, over the socket that its configuration
names under control:

  tables     the NF's tables: how full, how old the oldest entry
  values     the NF's other fields that specs know
  counters   dropped packets by device and reason
  devices    packets and bytes by device
  neighbours who is known on the devices' networks
  build      what the program was made of, and whether that was proved
  flows      the entries of the table of this name, or else of the only one whose entries expire
  TABLE      the entries of one table, by the name that specs give it, such as stations

Entries are read in steps between bursts of packets, so that they may be of slightly different
moments. If a table is named like a report, write "vigor show table NAME". With --json each row is an
object on a line of its own, and durations are seconds.`,
		Example: "  " + showExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := showRequest(args, limit)
			if err != nil {
				return err
			}
			out := control.Printer{Out: cmd.OutOrStdout(), JSON: asJSON}
			return control.Ask(cmd.Context(), socket, request, out.Print)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&socket, "socket", defaultSocket, "the socket that the program listens at")
	flags.IntVar(&limit, "limit", defaultLimit, "largest number of rows; 0 for all")
	flags.BoolVar(&asJSON, "json", false, "one JSON object per row")
	return cmd
}

// showRequest reads what is to be shown.
func showRequest(args []string, limit int) (control.Request, error) {
	r := control.Request{Limit: limit}
	switch {
	case limit < 0:
		return r, &usageError{fmt.Sprintf("show: the limit is %d", limit), "--limit 0 shows all"}
	case len(args) == 0:
		return r, &usageError{"show: no report or table given", showExample}
	case args[0] == "table" && len(args) == 2:
		r.Report, r.Table = "table", args[1]
	case len(args) > 1:
		return r, &usageError{fmt.Sprintf("show: unexpected argument %q", args[1]), showExample}
	case slices.Contains(control.Reports(), args[0]):
		r.Report = args[0]
	default:
		r.Report, r.Table = "table", args[0]
	}
	return r, nil
}
