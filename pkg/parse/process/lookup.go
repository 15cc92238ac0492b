package process

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (l *Lookup) condition() string { return l.When }

// maxTable bounds the file of a table.
const maxTable = 64 << 20

func (l *Lookup) make(c *Chain, _ int) (processor, error) {
	from, err := c.fieldName("field", l.Field)
	if l.File == "" {
		return nil, errors.Join(err, confkey.Errorf("file", "is missing; write the path of a CSV or JSON file"))
	}
	rows, failed := readTable(l.File, c.mend)
	if failed != nil {
		return nil, errors.Join(err, confkey.Errorf("file", "%v", failed))
	}
	table := map[string][]fact{}
	names := map[string]*name{}
	for key, row := range rows {
		for column, value := range row {
			full := joinNames(l.To, column)
			if names[full] == nil {
				n, failed := c.targetName("to", full)
				if failed != nil {
					return nil, errors.Join(err, failed)
				}
				names[full] = &n
			}
			table[key] = append(table[key], fact{names[full], value})
		}
		slices.SortFunc(table[key], func(a, b fact) int { return strings.Compare(a.name.text, b.name.text) })
	}
	return &enricher{from: from, over: true, find: func(value string) []fact { return table[value] }}, err
}

// readTable reads a table: for each key, the values of its columns.
func readTable(file string, mend func([]byte) []byte) (map[string]map[string]event.Value, error) {
	if info, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	} else if info.Size() > maxTable {
		return nil, fmt.Errorf("%s is larger than %d bytes", file, maxTable)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	data = bytes.ToValidUTF8(bytes.TrimPrefix(data, []byte("\uFEFF")), []byte("\uFFFD"))
	if rest := bytes.TrimSpace(data); len(rest) > 0 && rest[0] == '{' {
		return readJSONTable(rest, mend)
	}
	return readCSVTable(data)
}

func readCSVTable(data []byte) (map[string]map[string]event.Value, error) {
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	switch {
	case err != nil:
		return nil, fmt.Errorf("is no CSV: %w", err)
	case len(rows) == 0 || len(rows[0]) < 2:
		return nil, errors.New("has no head with a key and a column")
	}
	table := map[string]map[string]event.Value{}
	for _, row := range rows[1:] {
		columns := map[string]event.Value{}
		for i, value := range row[1:] {
			if value != "" {
				columns[rows[0][i+1]] = text([]byte(value))
			}
		}
		table[row[0]] = columns
	}
	return table, nil
}

func readJSONTable(data []byte, mend func([]byte) []byte) (map[string]map[string]event.Value, error) {
	var raw map[string]map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("is no JSON object of objects: %w", err)
	}
	table := map[string]map[string]event.Value{}
	for key, row := range raw {
		columns := map[string]event.Value{}
		for column, value := range row {
			if value[0] == '{' {
				return nil, fmt.Errorf("%s of %s is an object; write its members with dotted names", column, key)
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, value); err != nil {
				return nil, err
			}
			columns[column] = event.Value{Bytes: mend(compact.Bytes()), Kind: event.JSON, Set: true}
		}
		table[key] = columns
	}
	return table, nil
}
