package elastic

import (
	"bytes"
	"context"

	"github.com/klauspost/compress/gzip"
)

// compressor compresses one body at a time. There are as many as cores: it takes a megabyte, and while its request is under way it is
// of no use.
type compressor struct{ gzip *gzip.Writer } // nil before its first use

// compress returns plain in gzip's format, in b's own memory.
func (o *Output) compress(ctx context.Context, b *bulk, plain []byte) ([]byte, error) {
	c, err := o.compressors.Take(ctx)
	if err != nil {
		return nil, err
	}
	defer o.compressors.Put(c)
	if c.gzip == nil {
		c.gzip = fastest()
	}
	out := bytes.NewBuffer(b.gz[:0])
	c.gzip.Reset(out)
	if _, err := c.gzip.Write(plain); err != nil {
		return nil, err
	}
	if err := c.gzip.Close(); err != nil {
		return nil, err
	}
	b.gz = out.Bytes()
	return b.gz, nil
}

// fastest compresses at the level that costs least: the next one up takes twice the time to save a sixth of the bytes.
func fastest() *gzip.Writer {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}
