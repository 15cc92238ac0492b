package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/valyala/fastjson"
)

// maxBody is Elasticsearch's default http.max_content_length, for the body as it is after decompression too.
const maxBody = 100 << 20

// request is what one _bulk request needs; it is used again for others.
type request struct {
	body   bytes.Buffer
	wire   int64 // bytes that came
	gzip   *gzip.Reader
	parser fastjson.Parser
	answer answer
	docs   int64 // accepted
}

var requests = sync.Pool{New: func() any { return new(request) }}

func (s *Server) bulk(w http.ResponseWriter, r *http.Request) {
	req := requests.Get().(*request)
	defer requests.Put(req)
	if err := req.read(r, s.limit); err != nil {
		refuse(w, http.StatusBadRequest, "illegal_argument_exception", err.Error())
		return
	}
	if int64(req.body.Len()) > s.limit {
		w.WriteHeader(http.StatusRequestEntityTooLarge) // without a body, as Elasticsearch does it
		return
	}
	index := strings.Trim(strings.TrimSuffix(r.URL.Path, "_bulk"), "/")
	req.answer.reset(newFilter(r.URL.Query().Get("filter_path")))
	if err := s.take(req, index); err != nil {
		refuse(w, http.StatusBadRequest, "illegal_argument_exception", err.Error())
		return
	}
	_, _ = w.Write(req.answer.finish()) // that the other side has gone is its loss
}

// read takes the body off the wire, up to one byte more than may be.
func (req *request) read(r *http.Request, limit int64) error {
	wire := &counter{from: io.LimitReader(r.Body, limit+1)}
	var from io.Reader = wire
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "gzip":
		if req.gzip == nil {
			req.gzip = new(gzip.Reader)
		}
		if err := req.gzip.Reset(wire); err != nil {
			return err
		}
		from = io.LimitReader(req.gzip, limit+1)
	case "":
	default:
		return errors.New("unknown Content-Encoding " + encoding)
	}
	req.body.Reset()
	_, err := req.body.ReadFrom(from)
	req.wire = wire.n
	return err
}

type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// take goes through the documents of a request and counts them. Like Elasticsearch it refuses a request whole when an
// action is malformed, though what stood before that action is in.
func (s *Server) take(req *request, index string) error {
	if s.cfg.IDs || s.cfg.Verify {
		s.mu.Lock() // the documents are looked at one after the other
		defer s.mu.Unlock()
	}
	req.docs = 0
	err := s.takeAll(req, index)
	if !s.cfg.IDs && !s.cfg.Verify {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	if req.docs > 0 {
		s.stats.Docs += req.docs
		s.stats.LastDoc = time.Now()
	}
	if err == nil {
		s.stats.Requests++
		s.stats.WireBytes += req.wire
		s.stats.BodyBytes += int64(req.body.Len())
	}
	return err
}

func (s *Server) takeAll(req *request, index string) error {
	if n := req.body.Len(); n == 0 {
		return errors.New("request body is required")
	} else if req.body.Bytes()[n-1] != '\n' {
		return errors.New(`the bulk request must be terminated by a newline [\n]`)
	}
	rest := req.body.Bytes()
	for number := 1; len(rest) > 0; number += 2 {
		var line, doc []byte
		line, rest, _ = bytes.Cut(rest, newline)
		act, err := s.action(req, line, index)
		if err != nil {
			return fmt.Errorf("malformed action/metadata line [%d]: %w", number, err)
		}
		if len(rest) == 0 {
			return fmt.Errorf("malformed action/metadata line [%d]: no document follows", number)
		}
		doc, rest, _ = bytes.Cut(rest, newline)
		s.document(req, act, doc)
	}
	return nil
}

var (
	newline = []byte("\n")
	creates = []byte(`{"create"`)
	indexes = []byte(`{"index"`)
)

// action is the first line of a document.
type action struct {
	op, index, id string
}

// action reads an action line. When nothing but the operation matters it is told by how the line begins.
func (s *Server) action(req *request, line []byte, index string) (action, error) {
	if f := &req.answer.filter; !s.cfg.IDs && !f.index && !f.id {
		switch {
		case bytes.HasPrefix(line, creates):
			return action{op: "create"}, nil
		case bytes.HasPrefix(line, indexes):
			return action{op: "index"}, nil
		}
	}
	v, err := req.parser.ParseBytes(line)
	if err != nil {
		return action{}, err
	}
	for _, op := range []string{"create", "index"} {
		if meta := v.Get(op); meta != nil {
			a := action{op: op, index: string(meta.GetStringBytes("_index")), id: string(meta.GetStringBytes("_id"))}
			if a.index == "" {
				a.index = index
			}
			if a.index == "" {
				return a, errors.New("index is missing")
			}
			return a, nil
		}
	}
	return action{}, errors.New("expected create or index")
}

// document gives one document its verdict.
func (s *Server) document(req *request, act action, doc []byte) {
	status := http.StatusCreated
	if s.cfg.IDs && act.id != "" {
		key := act.index + "\x00" + act.id
		switch {
		case !s.ids[key]:
			s.ids[key] = true
		case act.op == "create":
			s.stats.Conflicts++
			req.answer.item(act, http.StatusConflict)
			return
		default:
			status = http.StatusOK // an update
		}
	}
	if s.cfg.Verify && !s.verifier.document(doc) {
		s.stats.Rejected++
		req.answer.item(act, http.StatusBadRequest)
		return
	}
	req.docs++
	req.answer.item(act, status)
}
