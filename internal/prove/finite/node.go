package finite

import (
	"errors"
	"math/big"
	"slices"
	"strings"
)

// node is an expression: an atom, or a list. Nodes are shared and never changed.
type node struct {
	atom string
	kids []*node
	num  *big.Int // of a literal
}

func leaf(atom string) *node {
	n := &node{atom: atom}
	if atom != "" && atom[0] >= '0' && atom[0] <= '9' {
		n.num, _ = new(big.Int).SetString(atom, 10)
	}
	return n
}

func list(kids ...*node) *node { return &node{kids: kids} }

// number writes a number; SMT-LIB has no negative literals.
func number(n *big.Int) *node {
	if n.Sign() < 0 {
		x := list(leaf("-"), leaf(new(big.Int).Neg(n).String()))
		x.num = n
		return x
	}
	return leaf(n.String())
}

// op is the first atom of a list.
func (n *node) op() string {
	if len(n.kids) == 0 {
		return ""
	}
	return n.kids[0].atom
}

func (n *node) mentions(name string) bool {
	return n.atom == name || slices.ContainsFunc(n.kids, func(k *node) bool { return k.mentions(name) })
}

// String is the expression in SMT-LIB.
func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	if n.kids == nil {
		if b.WriteString(n.atom); n.atom == "" {
			b.WriteString("()")
		}
		return
	}
	b.WriteByte('(')
	for i, k := range n.kids {
		if i > 0 {
			b.WriteByte(' ')
		}
		k.write(b)
	}
	b.WriteByte(')')
}

// read reads expressions up to the end of a text. Comments reach from ; to the end of the line.
func read(text string) ([]*node, error) {
	var top []*node
	var open [][]*node
	add := func(n *node) {
		if len(open) > 0 {
			open[len(open)-1] = append(open[len(open)-1], n)
		} else {
			top = append(top, n)
		}
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		case c == ';':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case c == '(':
			open = append(open, nil)
			i++
		case c == ')':
			if len(open) == 0 {
				return nil, errors.New("a bracket is closed that was not opened")
			}
			kids := open[len(open)-1]
			open = open[:len(open)-1]
			n := list(kids...)
			if len(kids) == 2 && kids[0].atom == "-" && kids[1].num != nil {
				n.num = new(big.Int).Neg(kids[1].num)
			}
			add(n)
			i++
		default:
			j := i
			for j < len(text) && !strings.ContainsRune(" \n\t\r();", rune(text[j])) {
				j++
			}
			add(leaf(text[i:j]))
			i = j
		}
	}
	if len(open) > 0 {
		return nil, errors.New("a bracket is not closed")
	}
	return top, nil
}
