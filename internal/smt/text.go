package smt

import (
	"fmt"
	"strings"
)

// maxText bounds the text of one term; shared subterms are written once per use.
const maxText = 4000

// String writes t like SMT-LIB, cut short if it is long; for debugging.
func (t *Term) String() string {
	var s strings.Builder
	t.write(&s)
	return s.String()
}

func (t *Term) write(s *strings.Builder) {
	if s.Len() > maxText {
		s.WriteString("...")
		return
	}
	switch {
	case t.op == OpConst:
		s.WriteString(literal(t))
	case t.op == OpVar:
		s.WriteString(symbol(t.name))
	case len(t.args) == 0:
		s.WriteString(symbol(t.fn.Name))
	default:
		s.WriteString("(" + head(t))
		for _, a := range t.args {
			s.WriteByte(' ')
			a.write(s)
		}
		s.WriteByte(')')
	}
}

// literal writes a constant.
func literal(t *Term) string {
	switch {
	case t.IsTrue():
		return "true"
	case t.IsFalse():
		return "false"
	case t.width%4 == 0:
		return fmt.Sprintf("#x%0*x", t.width/4, t.lo.big())
	}
	return fmt.Sprintf("#b%0*b", t.width, t.lo.big())
}

// symbol quotes a name if SMT-LIB needs it. Bars and backslashes cannot be quoted.
func symbol(name string) string {
	plain := name != "" && (name[0] < '0' || name[0] > '9')
	for _, c := range name {
		plain = plain && (c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
	}
	if plain {
		return name
	}
	return "|" + strings.NewReplacer("|", "!", `\`, "!").Replace(name) + "|"
}

// head writes the operator of an application.
func head(t *Term) string {
	switch t.op {
	case OpApply:
		return symbol(t.fn.Name)
	case OpExtract:
		return fmt.Sprintf("(_ extract %d %d)", t.high, t.low)
	case OpSignExtend:
		return fmt.Sprintf("(_ sign_extend %d)", t.width-t.args[0].width)
	}
	return t.op.String()
}
