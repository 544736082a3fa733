package resolve

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/internal/load"
	"vigor/internal/spec/syntax"
)

// TestSchemaOf reads the schema of the NAT, and resolves its spec and properties against it.
func TestSchemaOf(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	nf, problems, err := load.Load(t.Context(), load.Config{Dir: root, Pattern: "./nfs/natclassic"})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	s := SchemaOf(nf)
	var config []string
	for _, f := range s.Config {
		config = append(config, f.Name+" "+f.GoName+" "+f.Type.String())
	}
	if diff := cmp.Diff([]string{"wan WAN int", "external_ip ExternalIP ip4", "start_port StartPort int", "capacity Capacity int",
		"flow_timeout FlowTimeout int"}, config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if len(s.Objects) != 1 || s.Objects[0].Name != "flows" || s.Objects[0].Kind != Table || s.Objects[0].Value != nil ||
		s.Objects[0].Key.String() != "Flow" {
		t.Errorf("objects %+v, want the set flows of Flow", s.Objects)
	}
	names := fieldNames(s.Objects[0].Key.Record)
	if !slices.Contains(names, "src_port") || !slices.Contains(names, "device") {
		t.Errorf("fields of Flow: %v", names)
	}
	files, _ := filepath.Glob(filepath.Join(root, "nfs/natclassic/properties/*.py"))
	for _, file := range append(files, filepath.Join(root, "nfs/natclassic/spec.py")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, problems := syntax.Parse(file, text)
		specs, more := Resolve(tree, s)
		if len(problems) > 0 || len(more) > 0 || len(specs) != 1 {
			t.Errorf("%s: %d specs, %v %v", filepath.Base(file), len(specs), problems, more)
		}
	}
}
