package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vigor/internal/diag"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain CODE",
		Short: "Say what a code means: cause, cure and an example",
		Args:  arguments("vigor explain VIG2001", "code"),
		RunE: func(cmd *cobra.Command, args []string) error {
			code, err := parseCode(args[0])
			if err != nil {
				return err
			}
			text, ok := diag.Explain(code)
			if !ok {
				return &usageError{fmt.Sprintf("there is no code %v", code),
					"take the code from a message: file:line:col: VIG1234 …"}
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}

// parseCode reads VIG2001, vig2001 or 2001.
func parseCode(s string) (diag.Code, error) {
	var code diag.Code
	if err := code.UnmarshalText([]byte("VIG" + strings.TrimPrefix(strings.ToUpper(s), "VIG"))); err != nil {
		return 0, &usageError{fmt.Sprintf("%q is no code", s), "a code is VIG and four digits: vigor explain VIG2001"}
	}
	return code, nil
}
