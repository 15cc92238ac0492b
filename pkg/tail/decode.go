package tail

import "github.com/valyala/fastjson"

// decoder reads the lines of checkpoints, which are waited for at each start. It does not check more of them than it needs: they have a hash.
type decoder struct {
	parser   fastjson.Parser
	pipeline string // of the last record: the next one's, most times
}

// record returns the record that the line is; the line is not kept.
func (d *decoder) record(line []byte) (*record, error) {
	v, err := d.parser.ParseBytes(line)
	if err != nil {
		return nil, err
	}
	members, err := v.Object()
	if err != nil {
		return nil, err
	}
	r := new(record)
	members.Visit(func(key []byte, v *fastjson.Value) {
		if wrong := d.member(r, string(key), v); wrong != nil {
			err = wrong
		}
	})
	return r, err
}

func (d *decoder) member(r *record, key string, v *fastjson.Value) (err error) {
	switch key {
	case "pipeline":
		var text []byte
		if text, err = v.StringBytes(); string(text) != d.pipeline {
			d.pipeline = string(text)
		}
		r.Pipeline = d.pipeline
	case "path":
		var text []byte
		text, err = v.StringBytes()
		r.Path = string(text)
	case "dev":
		r.Dev, err = v.Uint64()
	case "ino":
		r.Ino, err = v.Uint64()
	case "birth":
		r.Birth, err = v.Int64()
	case "head":
		r.Head = head{v.GetInt("len"), v.GetUint64("hash")}
	case "place":
		r.Place = mark{v.GetInt64("at"), v.GetInt("len"), v.GetUint64("hash")}
	case "zipped":
		r.Zipped, err = v.Bool()
	case "source":
		r.SourceID, err = v.Uint64()
	case "generation":
		var n uint
		n, err = v.Uint()
		r.Generation = uint32(n) // #nosec G115 -- was written as one
	case "offset":
		r.Offset, err = v.Int64()
	case "seen":
		r.Seen, err = v.Int64()
	}
	return err
}
