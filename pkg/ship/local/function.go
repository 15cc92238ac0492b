package local

import (
	"database/sql/driver"
	"errors"
	"sync"

	"modernc.org/sqlite"

	"github.com/tailspan/tailspan/pkg/query"
)

// matchesFunction is the function by which SQL asks whether a query matches a document: tailspan_matches(NUMBER, document), where
// the number is that of a query that was lent to it. Functions are registered for the whole program.
const matchesFunction = "tailspan_matches"

// lent holds the queries that SQL may ask at the moment.
var lent struct {
	sync.Mutex
	last     int64
	matchers map[int64]*query.Matcher
}

func init() {
	lent.matchers = map[int64]*query.Matcher{}
	sqlite.MustRegisterScalarFunction(matchesFunction, 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		number, _ := args[0].(int64)
		document, _ := args[1].(string)
		lent.Lock()
		m := lent.matchers[number]
		lent.Unlock()
		if m == nil {
			return nil, errors.New("there is no such query")
		}
		return m.Match([]byte(document)), nil
	})
}

// lend lets SQL ask a query by its number until back is called. One statement at a time may.
func lend(q *query.Query) (number int64, back func()) {
	lent.Lock()
	defer lent.Unlock()
	lent.last++
	number = lent.last
	lent.matchers[number] = query.NewMatcher(q)
	return number, func() {
		lent.Lock()
		defer lent.Unlock()
		delete(lent.matchers, number)
	}
}
