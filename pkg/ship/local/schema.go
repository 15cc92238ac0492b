package local

// schema makes a file of the store. docs/STORE.md explains it to those who read the file with sqlite3; a change of it needs another
// version.
//
// The index of words has no copy of the text and no positions: a search takes from it which documents may match, and reads those. What
// has a column of its own is not in the index.
const schema = `
CREATE TABLE lines (
  _id TEXT PRIMARY KEY,
  time INTEGER NOT NULL,
  level TEXT, service TEXT, trace TEXT, span TEXT, parent TEXT, duration INTEGER, outcome TEXT, status INTEGER, method TEXT,
  url TEXT, route TEXT, dataset TEXT, host TEXT, path TEXT, "offset" INTEGER,
  odd INTEGER NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX lines_time ON lines(time);
CREATE INDEX lines_trace ON lines(trace) WHERE trace IS NOT NULL;
CREATE INDEX lines_odd ON lines(odd) WHERE odd = 1;
CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_.:,;-'''");
INSERT INTO words(words, rank) VALUES ('hashsize', 16777216);
`

// version is the PRAGMA user_version of a file that schema has made.
const version = 1

// The columns for fields, by their place in a row.
const (
	levelColumn = iota
	serviceColumn
	traceColumn
	spanColumn
	parentColumn
	durationColumn
	outcomeColumn
	statusColumn
	methodColumn
	urlColumn
	routeColumn
	datasetColumn
	hostColumn
	pathColumn
	offsetColumn
	columnCount
)

// column is what holds a field.
type column struct {
	name    string // in SQL
	field   string
	numeric bool
}

var columns = [columnCount]column{
	levelColumn: {"level", "log.level", false}, serviceColumn: {"service", "service.name", false}, traceColumn: {"trace", "trace.id", false},
	spanColumn: {"span", "span.id", false}, parentColumn: {"parent", "parent.id", false}, durationColumn: {"duration", "event.duration", true},
	outcomeColumn: {"outcome", "event.outcome", false}, statusColumn: {"status", "http.response.status_code", true},
	methodColumn: {"method", "http.request.method", false}, urlColumn: {"url", "url.path", false}, routeColumn: {"route", "http.route", false},
	datasetColumn: {"dataset", "event.dataset", false}, hostColumn: {"host", "host.name", false}, pathColumn: {"path", "log.file.path", false},
	offsetColumn: {`"offset"`, "log.offset", true},
}

// columnOf is the place of the column that holds a field.
var columnOf = func() map[string]int {
	all := make(map[string]int, columnCount)
	for i, c := range columns {
		all[c.field] = i
	}
	return all
}()

const (
	insertLine = `INSERT OR IGNORE INTO lines (_id, time, level, service, trace, span, parent, duration, outcome, status, method, url, route,
  dataset, host, path, "offset", odd, document) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	insertWords = `INSERT INTO words (rowid, text) VALUES (?,?)`
)
