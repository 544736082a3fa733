package smt

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteSMTLIB writes the conjunction of ts as an SMT-LIB 2.6 script in logic QF_UFBV: declarations,
// one definition per shared term and one assertion per member of ts. It leaves check-sat to the
// caller. Equal terms give equal text.
func WriteSMTLIB(w io.Writer, ts ...*Term) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "(set-logic QF_UFBV)")
	declared := map[*Func]bool{}
	Visit(func(t *Term) {
		switch {
		case t.op == OpVar:
			fmt.Fprintf(out, "(declare-fun %s () %s)\n", variableName(t), sort(t.width))
		case t.op == OpApply:
			if !declared[t.fn] {
				declared[t.fn] = true
				fmt.Fprintf(out, "(declare-fun %s (%s) %s)\n", symbol(t.fn.Name), sorts(t.fn.Params), sort(t.fn.Result))
			}
			fallthrough
		case t.op != OpConst:
			fmt.Fprintf(out, "(define-fun %s () %s %s)\n", reference(t), sort(t.width), definition(t))
		}
	}, ts...)
	for _, t := range ts {
		fmt.Fprintf(out, "(assert %s)\n", reference(t))
	}
	return out.Flush()
}

// Reference gives the name or literal by which t is known in the text of [WriteSMTLIB].
func Reference(t *Term) string { return reference(t) }

func reference(t *Term) string {
	switch t.op {
	case OpConst:
		return literal(t)
	case OpVar:
		return variableName(t)
	}
	return fmt.Sprintf("t!%d", t.id)
}

// variableName holds the width too: names are unique only together with it.
func variableName(t *Term) string { return symbol(fmt.Sprintf("%s/%d", t.name, t.width)) }

func sort(w int) string {
	if w == 0 {
		return "Bool"
	}
	return fmt.Sprintf("(_ BitVec %d)", w)
}

func sorts(ws []int) string {
	text := make([]string, len(ws))
	for i, w := range ws {
		text[i] = sort(w)
	}
	return strings.Join(text, " ")
}

// definition writes t over references to its arguments.
func definition(t *Term) string {
	args := make([]string, len(t.args))
	for i, a := range t.args {
		args[i] = reference(a)
	}
	if t.op == OpOCAdd {
		return checksumText(args)
	}
	if len(args) == 0 {
		return head(t)
	}
	if t.op == OpBounded { // the bounds are known from elsewhere
		return args[0]
	}
	return fmt.Sprintf("(%s %s)", head(t), strings.Join(args, " "))
}

// checksumText writes the sum of 16-bit words, folded twice, which suffices for fewer than 2^16 words.
func checksumText(args []string) string {
	const w = 32
	var sum strings.Builder
	for _, a := range args {
		fmt.Fprintf(&sum, " ((_ zero_extend %d) %s)", w-16, a)
	}
	fold := "((_ zero_extend 16) ((_ extract 15 0) %[1]s)) ((_ zero_extend 16) ((_ extract 31 16) %[1]s))"
	return fmt.Sprintf("(let ((s (bvadd%s))) (let ((f (bvadd %s))) ((_ extract 15 0) (bvadd %s))))",
		sum.String(), fmt.Sprintf(fold, "s"), fmt.Sprintf(fold, "f"))
}
