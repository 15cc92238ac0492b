// Package redfa runs regular expressions with groups over lines: without allocation per match, in time linear in the
// line for every expression, and with the answers of Go's regexp.
//
// # Why
//
// Go's regexp allocates the answer of each match, and runs at 1 to 10 MB/s on the expressions that grok definitions
// expand to. Reading a log by regular expressions is the most expensive thing a shipper does; here it costs about what
// reading the bytes costs.
//
// # How
//
// An expression runs in the first of these ways that can run it:
//
//   - Straight-line: when the next byte decides every choice of the expression (each field ends where something begins
//     that the field cannot hold), a short sequence of instructions passes over the line once. When that is so, and why
//     the answer is regexp's, is proved in straight_compile.go. What stands in a row between two choices (groups, sets, the
//     texts between them) is one instruction, a run of pieces, which AVX2 passes over at some 30 machine instructions for
//     each field (pieces_amd64.s). Whether bytes are in a set is looked up by their halves, 32 at a time, as Langdale and
//     Lemire do in "Parsing Gigabytes of JSON per Second" (VLDB Journal 28, 2019). Since each field has to wait for the end
//     of the one before, fields are taken for as long as they were in the line before until the processor knows better.
//   - A tagged DFA: states are lists of threads of the nondeterministic program in order of preference, transitions
//     write positions to registers. See Laurikari, "NFAs with Tagged Transitions, their Conversion to Deterministic
//     Automata and Application to Regular Expressions" (SPIRE 2000), and Trofimovich, "Tagged Deterministic Finite
//     Automata with Lookahead" (2017): as there, what happens at a position is decided when the next symbol is known,
//     which leaves few threads and few writes. Symbols are classes of runes that no set of the expression tells apart.
//     Runes beyond ASCII are decoded, so that invalid bytes count as U+FFFD exactly as in regexp. States are built when
//     a line first needs them. Characters that change nothing, in the rest of a line or a quoted text, are passed together
//     by vectors (loops.go).
//   - A simulation of the program (Pike's), rune by rune: the same step that builds the DFA's transitions, with
//     positions in place of registers. It runs when states are built faster than lines come back to them.
//
// A line is first tried at its start, then, if every text is in it that each match contains, searched: the threads of
// all starts run in one pass, so there is no quadratic search. Where a match must begin with a literal, bytes.Index
// looks for it.
//
// CompileGrok adds Oniguruma's syntax, as Logstash's patterns use it. Look-arounds become conditions on neighbouring
// runes or one more pass (look.go), atomic groups and possessive repeats become plain ones where that is provably the
// same, and are otherwise run as what they are (atoms.go).
//
// # What a caller may rely on
//
//   - For Compile: Match answers as regexp.FindSubmatchIndex does, on any bytes. Inputs may have up to 2 GiB.
//   - For CompileGrok: what is accepted means what it means to Oniguruma with Ruby's syntax and (?m); its comment lists
//     the exceptions. Anything else is refused by an *Error with the position.
//   - The answer of Match is valid until the next call to Match of the same Matcher. Match neither changes nor keeps
//     the line.
//   - Match does not allocate, except while it builds states or meets a line longer than all before.
//   - A Regexp is immutable. A Matcher belongs to one goroutine at a time; its states are its own, so that nothing is
//     locked. What it holds: the program (some 20 bytes for each node, shared but for 8 of them; or some 300 for
//     each instruction in straight-line mode, at most 4,096 of them), and states up to about 4 MiB, after which they are
//     forgotten and built anew. Expanded grok patterns take 50 to 200 KiB on the lines
//     they are made for. The threads of the simulation take at most the nodes times the positions of an answer.
//   - Time is linear in the line: at most two passes, each at most the nodes of the program for each rune; for steady
//     input some nanoseconds for each byte. With atomic groups see Matcher.GaveUp.
//
// # Proof
//
// Each run of go test compares 200,000 pairs of generated expression and line, and RE2's search tests, with regexp, and
// 28,000 lines with a plain backtracking matcher for Oniguruma's syntax, in each way to run an expression: as chosen,
// tagged DFA, hardly any memory for states, none, simulation. FuzzMatch and FuzzGrok go on from there. What vectors do is
// compared with what Go does for every piece at every position of lines with anything, or no memory, behind them
// (TestPiecesByVectors, FuzzPieces). Done beside: a
// seventh of RE2's exhaustive tests (743,330 pairs); 1,134,492 lines for generated expressions with look-arounds, atomic
// groups and possessive repeats against Oniguruma 6.9.8 and Perl 5.36 (where those two differ, with either), and all
// cases of the grok acceptance corpus, whole and cut (1,822 lines), against Oniguruma: no difference.
package redfa
