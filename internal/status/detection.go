package status

import "github.com/tailspan/tailspan/pkg/detect"

// Detection is what was found unusual in the logs.
type Detection struct {
	Recent []detect.Finding         `json:"-"` // the last findings, in the order in which they began; those that are not over among them
	Counts map[detect.Counted]int64 `json:"-"` // findings since the start

	Series    int   `json:"series"`    // services and templates that are watched
	Late      int64 `json:"late"`      // lines too old to be counted
	Unwatched int64 `json:"unwatched"` // lines of templates beyond the bound, which count for their service only
	Told      int64 `json:"told"`      // findings that the webhook took
	Untold    int64 `json:"untold"`    // those that it did not
}
