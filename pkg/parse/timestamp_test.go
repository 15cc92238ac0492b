package parse

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tailspan/tailspan/internal/confkey"
)

// newClock is a parser whose clock stands at now, in a zone.
func newClock(t testing.TB, zone, now string, layouts ...string) *timeParser {
	t.Helper()
	p, err := newTimeParser(Timestamp{Timezone: zone, Now: now, Layouts: layouts})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantTimes checks that each text is the instant; "" is none.
func wantTimes(t *testing.T, p *timeParser, cases map[string]string) {
	t.Helper()
	for text, want := range cases {
		got := ""
		if at, ok := p.parse([]byte(text)); ok {
			got = string(at.Append(nil))
		}
		if got != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
	}
}

func TestRFC3339AndItsVariants(t *testing.T) {
	wantTimes(t, newClock(t, "", ""), map[string]string{
		"2024-05-06T07:08:09Z":                     "2024-05-06T07:08:09Z",
		"2024-05-06t07:08:09z":                     "2024-05-06T07:08:09Z",
		"2024-05-06T07:08:09.1Z":                   "2024-05-06T07:08:09.1Z",
		"2024-05-06T07:08:09.123456789Z":           "2024-05-06T07:08:09.123456789Z",
		"2024-05-06T07:08:09.1234567891234Z":       "2024-05-06T07:08:09.123456789Z",
		"2024-05-06 07:08:09,123":                  "2024-05-06T07:08:09.123Z",
		"2024-05-06 07:08:09":                      "2024-05-06T07:08:09Z",
		"2024-05-06_07:08:09":                      "2024-05-06T07:08:09Z",
		"2024-05-06T07:08:09+02:00":                "2024-05-06T05:08:09Z",
		"2024-05-06T07:08:09.5-0330":               "2024-05-06T10:38:09.5Z",
		"2024-05-06T07:08:09+02":                   "2024-05-06T05:08:09Z",
		"2024-05-06 07:08:09 +0200":                "2024-05-06T05:08:09Z",
		"2024-05-06 07:08:09 +02":                  "2024-05-06T05:08:09Z",
		"2024-05-06 07:08:09 UTC":                  "2024-05-06T07:08:09Z",
		"2024-05-06 07:08:09.25 +0000 UTC":         "2024-05-06T07:08:09.25Z",
		"2024-05-06 07:08:09 +0300 MSK m=+0.00001": "2024-05-06T04:08:09Z",
		"2024-05-06T07:08:09:897+0100":             "2024-05-06T06:08:09.897Z",
		"2024-05-06T07:08Z":                        "2024-05-06T07:08:00Z",
		"2024-05-06T07:08-04":                      "2024-05-06T11:08:00Z",
		"2024-5-6 7:8:9":                           "2024-05-06T07:08:09Z",
		"2024-05-06 07:08":                         "2024-05-06T07:08:00Z",
		"2024-05-06 05:24:37 PM":                   "2024-05-06T17:24:37Z",
		"2024-05-06":                               "2024-05-06T00:00:00Z",
		"2024-05":                                  "2024-05-01T00:00:00Z",
		"2024-127":                                 "2024-05-06T00:00:00Z",
		"2024":                                     "2024-01-01T00:00:00Z",
		"20240506T070809Z":                         "2024-05-06T07:08:09Z",
		"20240506T070809.5+0200":                   "2024-05-06T05:08:09.5Z",
		"2016-12-31T23:59:60Z":                     "2017-01-01T00:00:00Z",
		"2024-02-29T00:00:00Z":                     "2024-02-29T00:00:00Z",
		"2000-02-29T00:00:00Z":                     "2000-02-29T00:00:00Z",
		"  2024-05-06T07:08:09Z ":                  "2024-05-06T07:08:09Z",
		"2023-02-29T00:00:00Z":                     "",
		"2100-02-29T00:00:00Z":                     "",
		"2024-13-01T00:00:00Z":                     "",
		"2024-00-01T00:00:00Z":                     "",
		"2024-04-31T00:00:00Z":                     "",
		"2024-05-06T24:00:00Z":                     "",
		"2024-05-06T07:60:00Z":                     "",
		"2024-05-06T07:08:61Z":                     "",
		"2024-05-06T07:08:09+25:00":                "",
		"2024-05-06T07:08:09 oops":                 "",
		"2024-05-06T07:08:09Zulu":                  "",
		"1969-12-31T23:59:59Z":                     "",
		"2262-04-11T23:47:16.854775807Z":           "2262-04-11T23:47:16.854775807Z",
		"2262-04-11T23:47:16.854775808Z":           "",
		strings.Repeat("\x00", 16) + ":00":         "",
	})
}

func TestNumbersSince1970(t *testing.T) {
	wantTimes(t, newClock(t, "Asia/Tokyo", ""), map[string]string{
		"1700000000":             "2023-11-14T22:13:20Z",
		"1700000000.5":           "2023-11-14T22:13:20.5Z",
		"1700000000.123456":      "2023-11-14T22:13:20.123456Z",
		"1700000000123":          "2023-11-14T22:13:20.123Z",
		"1700000000123.25":       "2023-11-14T22:13:20.12325Z",
		"1700000000123456":       "2023-11-14T22:13:20.123456Z",
		"1700000000123456789":    "2023-11-14T22:13:20.123456789Z",
		"1.7e9":                  "2023-11-14T22:13:20Z",
		"1.700000000123e+12":     "2023-11-14T22:13:20.123Z",
		"0":                      "",
		"3":                      "",
		"12345":                  "",
		"-1700000000":            "",
		"17000000000000000000":   "",
		"99999999999":            "",
		"5,000-9,999":            "",
		"1700000000 seconds":     "",
		"1e300":                  "",
		"0.00000000000000000001": "",
	})
}

func TestDatesOfLoggers(t *testing.T) {
	wantTimes(t, newClock(t, "", "2024-06-15T12:00:00Z"), map[string]string{
		"10/Oct/2000:13:55:36 -0700":                            "2000-10-10T20:55:36Z",
		"10/Oct/2000 13:55:36 -0700":                            "2000-10-10T20:55:36Z",
		"04/Nov/2020:08:32:18.194":                              "2020-11-04T08:32:18.194Z",
		"Mon, 02 Jan 2006 15:04:05 GMT":                         "2006-01-02T15:04:05Z",
		"Mon, 2 Jan 2006 15:04:05 -0700":                        "2006-01-02T22:04:05Z",
		"Mon, 02 Jan 2006 15:04:05 EST":                         "2006-01-02T20:04:05Z",
		"02 Jan 06 15:04 UTC":                                   "2006-01-02T15:04:00Z",
		"Monday, 02-Jan-06 15:04:05 UTC":                        "2006-01-02T15:04:05Z",
		"Mon Jan  2 15:04:05 2006":                              "2006-01-02T15:04:05Z",
		"Mon Jan  2 15:04:05 PST 2006":                          "2006-01-02T23:04:05Z",
		"Mon Jan 02 15:04:05 -0700 2006":                        "2006-01-02T22:04:05Z",
		"Mon Aug 10 15:44:11 UTC+0100 2015":                     "2015-08-10T14:44:11Z",
		"Fri Jul 03 2015 18:04:07 GMT+0100 (GMT Daylight Time)": "2015-07-03T17:04:07Z",
		"Sun, 3 Jan 2021 00:12:23 +0800 (GMT+08:00)":            "2021-01-02T16:12:23Z",
		"Oct 11 22:14:15":                                       "2023-10-11T22:14:15Z",
		"May  1 02:03:04.567":                                   "2024-05-01T02:03:04.567Z",
		"Feb 16 04:06:58,1234 -0600":                            "2024-02-16T10:06:58.1234Z",
		"Sun Jun 02 20:38:03":                                   "2024-06-02T20:38:03Z",
		"May 17, 2012 at 10:09am PST-08":                        "2012-05-17T18:09:00Z",
		"September 17 2012 5:00pm":                              "2012-09-17T17:00:00Z",
		"June 22nd, 2012":                                       "2012-06-22T00:00:00Z",
		"oct. 7, '70":                                           "1970-10-07T00:00:00Z",
		"Sept. 7, 1970":                                         "1970-09-07T00:00:00Z",
		"7 oct 70":                                              "1970-10-07T00:00:00Z",
		"7th September 2012":                                    "2012-09-07T00:00:00Z",
		"12 Feb 2006, 19:17":                                    "2006-02-12T19:17:00Z",
		"14 May 2019 19:11:40.164":                              "2019-05-14T19:11:40.164Z",
		"07-Feb-04 09:07:07 +0100":                              "2004-02-07T08:07:07Z",
		"03-Jul 2015":                                           "2015-07-03T00:00:00Z",
		"2013-Feb-03":                                           "2013-02-03T00:00:00Z",
		"2013 Nov 24 01:29:01":                                  "2013-11-24T01:29:01Z",
		"2014年04月08日 19:17:22":                                  "2014-04-08T19:17:22Z",
		"3/5/2014":                                              "2014-03-05T00:00:00Z",
		"16/10/2019 12:00:00":                                   "2019-10-16T12:00:00Z",
		"4/8/14 22:05":                                          "2014-04-08T22:05:00Z",
		"04/02/2014 04:08:09.123 PM":                            "2014-04-02T16:08:09.123Z",
		"04/02/2014 12:08 a.m.":                                 "2014-04-02T00:08:00Z",
		"04:02:2014 04:08:09":                                   "2014-04-02T04:08:09Z",
		"2012:08:03 18:31:59+00:00":                             "2012-08-03T18:31:59Z",
		"03.31.2014":                                            "2014-03-31T00:00:00Z",
		"31.12.2014 10:00:00":                                   "2014-12-31T10:00:00Z",
		"2014.03.30":                                            "2014-03-30T00:00:00Z",
		"2014/04/26 17:24:37":                                   "2014-04-26T17:24:37Z",
		"17/06/09 20:10:40":                                     "2017-06-09T20:10:40Z",
		"2020-07-20+08:00":                                      "2020-07-19T16:00:00Z",
		"081109 203615":                                         "2008-11-09T20:36:15Z",
		"171113 14:14:20":                                       "2017-11-13T14:14:20Z",
		"20140601":                                              "2014-06-01T00:00:00Z",
		"201406010910":                                          "2014-06-01T09:10:00Z",
		"20140722105203":                                        "2014-07-22T10:52:03Z",
		"2021/05/21 - 21:58:57":                                 "2021-05-21T21:58:57Z",
		"21-May-2021::21:58:57.022":                             "2021-05-21T21:58:57.022Z",
		"20140722105203.364":                                    "2014-07-22T10:52:03.364Z",
		"Wed Feb 28 09:01:00 2018 +0100":                        "2018-02-28T08:01:00Z",
		"Wed Feb 28 09:01:00 2018 UTC":                          "2018-02-28T09:01:00Z",
		"Feb 28 09:01:00 2018 -0800":                            "2018-02-28T17:01:00Z",
		"01-JUN-14 10.11.12.123456 PM":                          "2014-06-01T22:11:12.123456Z",
		"01-JUN-2014 10.11.12 AM":                               "2014-06-01T10:11:12Z",
		"2014-06-01 10.11":                                      "2014-06-01T10:11:00Z",
		"2014-06-01T10:11:12.5+02:00[Europe/Berlin]":            "2014-06-01T08:11:12.5Z",
		"2014-06-01T10:11:12Z[UTC]":                             "2014-06-01T10:11:12Z",
		"2014-06-01T10:11:12[Europe/Berlin]":                    "",
		"2014-06-01 10:11:12 UTC+1":                             "2014-06-01T09:11:12Z",
		"2014-06-01 10:11:12 GMT-3":                             "2014-06-01T13:11:12Z",
		"2014-06-01 10:11:12 GMT+5:30":                          "2014-06-01T04:41:12Z",
		"2014-06-01 10:11:12 GMT+5:3":                           "",
		"2014-06-01 10:11:12 PST+1":                             "",
		"20180722105203364":                                     "2018-07-22T10:52:03.364Z",
		"20171223-22:15:29:606":                                 "2017-12-23T22:15:29.606Z",
		"20171224-0:7:20:5":                                     "2017-12-24T00:07:20.005Z",
		"2005-06-03-15.42.50.675872":                            "2005-06-03T15:42:50.675872Z",
		"03-17 16:13:38.811":                                    "2024-03-17T16:13:38.811Z",
		"0517 15:04:22.619632":                                  "2024-05-17T15:04:22.619632Z",
		"septe. 7, 1970":                                        "",
		"SeptemberRR 7th, 1970":                                 "",
		"7 foo 1970":                                            "",
		"Foo, 02 Jan 2006 15:04:05 GMT":                         "",
		"13:04 PM 2006":                                         "",
		"04/02/2014 13:08 PM":                                   "",
		"99/99/2014":                                            "",
		"2014-04-02 04:08:09 WHAT":                              "",
		"127.0.0.1":                                             "",
		"hello":                                                 "",
		"":                                                      "",
		strings.Repeat("9", 200):                                "",
	})
}

func TestYearOfDatesWithoutOne(t *testing.T) {
	for _, c := range []struct{ now, text, want string }{
		{"2014-01-01T00:30:50Z", "Dec 31 23:59:00", "2013-12-31T23:59:00Z"},
		{"2013-12-31T23:59:50Z", "Jan 01 01:00:00", "2014-01-01T01:00:00Z"},
		{"2013-12-01T00:00:00Z", "Jan 31 23:59:59", "2014-01-31T23:59:59Z"},
		{"2013-06-15T00:00:00Z", "Jun 15 10:00:00", "2013-06-15T10:00:00Z"},
		{"2013-06-15T00:00:00Z", "Jul 01 00:00:00", "2013-07-01T00:00:00Z"},
		{"2014-02-01T00:00:00Z", "Oct 11 22:14:15", "2013-10-11T22:14:15Z"},
		{"2014-05-01T00:00:00Z", "Feb 29 10:00:00", "2012-02-29T10:00:00Z"},
		{"2024-03-01T00:00:00Z", "Feb 29 10:00:00", "2024-02-29T10:00:00Z"},
	} {
		wantTimes(t, newClock(t, "", c.now), map[string]string{c.text: c.want})
		wantTimes(t, newClock(t, "", c.now, "%b %d %H:%M:%S"), map[string]string{c.text: c.want})
	}
}

func TestZonesOfTextWithoutOne(t *testing.T) {
	wantTimes(t, newClock(t, "Europe/Berlin", ""), map[string]string{
		"2024-01-15 12:00:00":         "2024-01-15T11:00:00Z",
		"2024-07-15 12:00:00":         "2024-07-15T10:00:00Z",
		"2024-07-15 12:00:00Z":        "2024-07-15T12:00:00Z",
		"2024-03-31 02:30:00":         "2024-03-31T01:30:00Z", // skipped: as if the clocks had not been moved
		"2024-10-27 02:30:00":         "2024-10-27T00:30:00Z", // comes twice: the first
		"2024-10-27 03:00:00":         "2024-10-27T02:00:00Z",
		"2024-07-15 12:00:00 CEST":    "2024-07-15T10:00:00Z",
		"Mon Jul 15 12:00:00.25 2024": "2024-07-15T10:00:00.25Z",
	})
	wantTimes(t, newClock(t, "+09:00", ""), map[string]string{"2024-01-15 12:00:00": "2024-01-15T03:00:00Z"})
	wantTimes(t, newClock(t, "-0330", ""), map[string]string{"2024-01-15 12:00:00": "2024-01-15T15:30:00Z"})
	wantTimes(t, newClock(t, "Asia/Shanghai", ""), map[string]string{"2024-01-15 12:00:00 CST": "2024-01-15T04:00:00Z"})
	wantTimes(t, newClock(t, "America/Chicago", ""), map[string]string{"2024-01-15 12:00:00 CST": "2024-01-15T18:00:00Z"})
	wantTimes(t, newClock(t, "America/Los_Angeles", ""), map[string]string{"Fri, 03 Jul 2015 08:08:08 PST": "2015-07-03T16:08:08Z"})
}

func TestAConfiguredFieldMayHoldAnyInstant(t *testing.T) {
	p, err := newTimeParser(Timestamp{Field: "ts"})
	if err != nil {
		t.Fatal(err)
	}
	wantTimes(t, p, map[string]string{
		"8/8/1965 01:00:01 PM":        "1965-08-08T13:00:01Z",
		"1965-08-08T13:00:01Z":        "1965-08-08T13:00:01Z",
		"Mon Jan 2, 1950 at 3:04am":   "1950-01-02T03:04:00Z",
		"0001-01-01T00:00:00Z":        "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999Z":    "9999-12-31T23:59:59.999Z",
		"Jan 2, 2006 at 3:04pm (EST)": "2006-01-02T20:04:00Z",
		"Jan 2, 2006 at 3:04pm (hm)":  "",
	})
	if _, _, _, ok := p.find([]byte("1965-08-08T13:00:01Z x")); ok {
		t.Error("found a time of 1965 in a line")
	}
}

func TestWrongTimestampConfiguration(t *testing.T) {
	_, err := newTimeParser(Timestamp{Timezone: "Europe/Pariss", Now: "noon", Layouts: []string{"%Y", "years", "%1", "%H:%", "", "%s"}})
	var keys []string
	for _, e := range confkey.All(err) {
		keys = append(keys, e.Key)
		if !strings.Contains(e.Msg, "allowed") {
			t.Errorf("%v does not say what is allowed", e)
		}
	}
	want := "timestamp.timezone timestamp.now timestamp.layouts[1] timestamp.layouts[2] timestamp.layouts[3] timestamp.layouts[4] timestamp.layouts[5]"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("errors for %s, expected %s", got, want)
	}
	for _, zone := range []string{"fake", "Local", "../etc", "+99:00"} {
		if _, err := newTimeParser(Timestamp{Timezone: zone}); err == nil {
			t.Errorf("zone %s is accepted", zone)
		}
	}
}

func TestTimestampsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := newClock(t, "Europe/Berlin", "2024-06-15T00:00:00Z")
	byLayout := newClock(t, "", "", "unix_ms", "%d/%b/%Y:%H:%M:%S %z")
	texts := [][]byte{
		[]byte("2024-05-06T07:08:09.123456Z"), []byte("2024-05-06 07:08:09,123"), []byte("1700000000.5"), []byte("Oct 11 22:14:15"),
		[]byte("10/Oct/2000:13:55:36 -0700"), []byte("Mon, 02 Jan 2006 15:04:05 PST"), []byte("no time at all"),
	}
	line := []byte(`127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326`)
	if n := testing.AllocsPerRun(100, func() {
		for _, text := range texts {
			p.parse(text)
			p.find(text)
		}
		p.find(line)
		byLayout.parse(texts[4])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What Go reads as RFC 3339 we read as the same instant, as far as Elasticsearch can hold it.
func FuzzTimestampAgainstGo(f *testing.F) {
	for _, seed := range []string{
		"2024-05-06T07:08:09.123456789+02:00", "2024-05-06T07:08:09Z", "2000-02-29T23:59:59,5-11:30", "2000-02-29T23:59:59,5-11:60", "1969-12-31T23:59:59Z",
		"2262-04-11T23:47:16.854775808Z", "Mon, 02 Jan 2006 15:04:05 MST", "10/Oct/2000:13:55:36 -0700", "2024-05-06T07:08:09.Z",
		"1700000000.123", "2014年04月08日", "20171223-22:15:29:606", "Oct 11 22:14:15",
	} {
		f.Add(seed)
	}
	p := newClock(f, "", "2024-06-15T00:00:00Z")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := p.parse([]byte(text))
		if _, start, end, found := p.find([]byte(text)); found && (start < 0 || end > len(text) || start >= end) {
			t.Fatalf("%q: found at [%d,%d)", text, start, end)
		}
		if ok && (!got.Set || got.Nsec < 0 || got.Nsec > 999_999_999 || got.Digits > 9 || !fitsNanos(got)) {
			t.Fatalf("%q is %+v", text, got)
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || len(text) > maxTimeText {
			return
		}
		if _, offset := want.Zone(); offset > 18*3600 || offset < -18*3600 {
			return // no such place
		}
		if strings.HasSuffix(text, ":60") {
			return // Go takes an offset of 60 minutes; RFC 3339, section 5.6, ends at 59
		}
		holds := want.Unix() >= 0 && want.Before(time.Unix(0, 1<<63-1).Add(1))
		if ok != holds || ok && !got.Std().Equal(want) {
			t.Fatalf("%q is %v, %v; to Go %v", text, got.Std(), ok, want)
		}
	})
}

func BenchmarkParseRFC3339(b *testing.B) {
	p := newClock(b, "", "")
	text := []byte("2024-05-06T07:08:09.123456789Z")
	b.ReportAllocs()
	for b.Loop() {
		p.parse(text)
	}
}

func BenchmarkParseCommonLogFormat(b *testing.B) {
	p := newClock(b, "", "")
	text := []byte("10/Oct/2000:13:55:36 -0700")
	b.ReportAllocs()
	for b.Loop() {
		p.parse(text)
	}
}
