package prove

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// byAlone begins the answer to a question that some of the programs prove, and others do not.
const byAlone = "proved by "

// programs are the solvers by program, in their order: attempts of one program with several seeds are together.
func programs(solvers []Solver) [][]Solver {
	var list [][]Solver
	for _, s := range solvers {
		i := slices.IndexFunc(list, func(l []Solver) bool { return l[0].Path == s.Path })
		if i < 0 {
			list = append(list, nil)
			i = len(list) - 1
		}
		list[i] = append(list[i], s)
	}
	return list
}

// twoPrograms reports an error if there is only one program to prove with.
func twoPrograms(solvers []Solver) error {
	if len(programs(solvers)) < 2 {
		return errors.New("proofs by each of two solvers need z3 and cvc5; install what is missing (Debian: apt-get install z3 cvc5)")
	}
	return nil
}

// settleByEach is settle of which each program has to prove the obligation, with one of its attempts.
func settleByEach(ctx context.Context, c Config, running *sessions, o *Obligation, question string) (answer string, tries int, err error) {
	var by, not []string
	for _, solvers := range programs(c.Solvers) {
		alone := c
		alone.Solvers, alone.Each = solvers, false
		answer, n, err := settle(ctx, alone, running, o, question)
		if err != nil {
			return "", tries, err
		}
		tries += n
		if answer == "" {
			by = append(by, filepath.Base(solvers[0].Path))
		} else {
			not = append(not, answer)
		}
	}
	if len(by) > 0 && len(not) > 0 {
		return byAlone + strings.Join(by, " and ") + " alone; " + strings.Join(not, "; "), tries, nil
	}
	return strings.Join(not, "; "), tries, nil
}

// alone says which program proves it, if others do not.
func (f *Failure) alone() string {
	by, _, _ := strings.Cut(f.Answer, ";")
	if !strings.HasPrefix(by, byAlone) {
		return ""
	}
	return by
}
