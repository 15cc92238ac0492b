package tail

import (
	"math"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// Stream finds events in what can be read once only, such as standard input, just as a file's are found. Of a line that is
// longer than the limit it keeps no more than the limit. It belongs to one goroutine.
type Stream struct {
	framer *frame.Framer
	batch  *event.Batch
	head   []byte // what it began with
	data   []byte // what came and was not handed on
	at     int64  // where data stands
	long   int64  // how much of the line that data begins with was looked through without finding its end; 0: it is not long
	rest   []byte // what came behind that
}

// streamArena is the least size of the batches.
const streamArena = 256 << 10

// NewStream makes a Stream. The error joins everything wrong with in, as confkey errors.
func NewStream(in Input) (*Stream, error) {
	framer, err := frame.New(in.Config)
	if err != nil {
		return nil, err
	}
	return &Stream{framer: framer, batch: new(event.Batch)}, nil
}

// Timeout is how long after the last data Write is to be called with none and frame.Quiet.
func (s *Stream) Timeout() time.Duration { return s.framer.Timeout() }

// Write takes what came next, and what is known of the end. It calls yield with batches of events, each valid until yield
// returns, whose error it returns.
func (s *Stream) Write(data []byte, end frame.End, yield func(*event.Batch) error) error {
	s.head = append(s.head, data[:min(len(data), 3-len(s.head))]...)
	if s.long > 0 {
		s.rest = append(s.rest, data...)
		if done, err := s.goOn(end, yield); !done || err != nil {
			return err
		}
	} else {
		s.data = append(s.data, data...)
	}
	room := s.framer.Room(streamArena, s.head)
	for len(s.data) > 0 {
		b := s.next(s.data[:min(room, len(s.data))], s.framer.Size(room, s.head))
		full := room < len(s.data)
		s.framer.Frame(b, 0, s.head, full, end)
		switch {
		case b.To > b.From:
			if err := s.hand(b, yield); err != nil {
				return err
			}
		case full:
			room = len(s.data)
		default:
			if len(s.data) > max(s.framer.Reach(), streamArena) {
				s.begin()
			}
			return nil
		}
	}
	return nil
}

// next makes the batch ready for data.
func (s *Stream) next(data []byte, size int) *event.Batch {
	b := s.batch
	b.Grow(max(size, streamArena))
	b.Data, b.Lines, b.From = append(b.Data[:0], data...), b.Lines[:0], s.at
	return b
}

// hand passes b on and forgets what it stands for.
func (s *Stream) hand(b *event.Batch, yield func(*event.Batch) error) error {
	used := b.To - b.From
	s.at = b.To
	err := yield(b)
	s.data = append(s.data[:0], s.data[min(used, int64(len(s.data))):]...)
	return err
}

// begin notes that the line that data begins with is long.
func (s *Stream) begin() {
	_, seen := s.framer.Newline(s.data, s.at, s.head)
	s.long = int64(seen)
	s.rest = append(s.rest[:0], s.data[seen:]...)
	s.keep(s.data[:0])
}

// keep adds what came to what is kept of a long line.
func (s *Stream) keep(more []byte) {
	s.data = s.data[:min(int64(len(s.data)), s.long)]
	most, _ := s.framer.LongSize(math.MaxInt64/4, s.head)
	s.data = append(s.data, more[:min(len(more), max(0, most-len(s.data)))]...)
	s.data = s.data[:min(len(s.data), most)]
}

// goOn looks for the end of a long line in rest. done says that it was found, and that data is what stands behind it.
func (s *Stream) goOn(end frame.End, yield func(*event.Batch) error) (done bool, err error) {
	begin, behind := s.framer.Newline(s.rest, s.at+s.long, s.head)
	if begin < 0 && end != frame.Done {
		s.keep(s.rest[:behind])
		s.long += int64(behind)
		s.rest = append(s.rest[:0], s.rest[behind:]...)
		return false, nil
	}
	if begin < 0 {
		begin, behind = len(s.rest), len(s.rest)
	}
	s.keep(s.rest[:begin])
	want, room := s.framer.LongSize(s.long+int64(begin), s.head)
	b := s.next(s.data[:want], room)
	s.framer.Long(b, s.head)
	b.To = s.at + s.long + int64(behind)
	s.data = append(s.data[:0], s.rest[behind:]...)
	s.at, s.long = b.To, 0
	return true, yield(b)
}
