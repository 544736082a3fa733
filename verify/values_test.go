package verify

import (
	"encoding/json"
	"go/token"
	"go/types"
	"testing"

	"vigor/internal/load"
	"vigor/internal/replay"
)

func TestFormatValue(t *testing.T) {
	pkg := types.NewPackage(load.PacketPath, "packet")
	named := func(name string, under types.Type) types.Type {
		return types.NewNamed(types.NewTypeName(token.NoPos, pkg, name, nil), under, nil)
	}
	ip4 := named("IPv4", types.Typ[types.Uint32])
	mac := named("MAC", types.NewArray(types.Typ[types.Uint8], 6))
	field := func(name string, t types.Type) *types.Var { return types.NewField(token.NoPos, pkg, name, t, false) }
	peer := types.NewStruct([]*types.Var{field("SrcPort", types.Typ[types.Uint16]), field("IP", ip4)}, nil)
	flow := types.NewStruct([]*types.Var{
		field("Src", ip4), field("MAC", mac), field("Tags", types.NewArray(types.Typ[types.Int8], 2)), field("Peer", peer),
	}, nil)
	runtime := types.NewPackage(load.RuntimePath, "nf")
	age := types.NewAlias(types.NewTypeName(token.NoPos, runtime, "Time", nil), types.Typ[types.Int64])
	tests := []struct {
		value replay.Value
		typ   types.Type
		want  string
	}{
		{replay.Value{"": "7"}, types.Typ[types.Int], "7"},
		{replay.Value{"": "167772167"}, ip4, "10.0.0.7"},
		{replay.Value{"[0]": "2", "[5]": "255"}, mac, "02:00:00:00:00:ff"},
		{replay.Value{"": "90000000000"}, age, "1m30s"},
		{replay.Value{"": "90000000000"}, types.Typ[types.Int64], "90000000000"},
		{replay.Value{"": "-5"}, age, "-5ns"},
		{replay.Value{}, flow, ""},
		{replay.Value{"Peer.IP": "1", "Peer.SrcPort": "80", "Tags[1]": "-1", "Src": "0"}, flow,
			"src=0.0.0.0 tags=[0 -1] peer=(src_port=80 ip=0.0.0.1)"},
		{replay.Value{"MAC[3]": json.Number("16")}, flow, "mac=00:00:00:10:00:00"},
	}
	for _, tt := range tests {
		if got := formatValue(tt.value, tt.typ); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.value, got, tt.want)
		}
	}
}

func TestDescribeEntries(t *testing.T) {
	table := load.StateField{Params: []types.Type{types.Typ[types.Uint16], types.Typ[types.Bool]}}
	entry := func(i int) replay.Entry {
		return replay.Entry{Index: i, Key: replay.Value{"": "7"}, Value: replay.Value{"": "1"}, Time: 3}
	}
	many := &replay.Object{}
	for i := range 9 {
		many.Entries = append(many.Entries, entry(i))
	}
	for _, tt := range []struct {
		object *replay.Object
		want   string
	}{
		{&replay.Object{}, "empty"},
		{&replay.Object{Entries: []replay.Entry{entry(2)}}, "[2] 7 = 1 at 3"},
		{many, "[0] 7 = 1 at 3; [1] 7 = 1 at 3; [2] 7 = 1 at 3; [3] 7 = 1 at 3; [4] 7 = 1 at 3; and 4 more"},
	} {
		if got := describeEntries(tt.object, table); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
