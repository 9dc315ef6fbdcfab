package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// dictionary gives texts their small integers within one transaction, and adds
// those that are new. Facts come in long runs of one text, so the last answer
// is kept at hand.
type dictionary[K comparable] struct {
	ids    map[K]int32
	next   int32
	add    func(id int32, key K) error
	last   K
	lastID int32
}

func (d *dictionary[K]) id(key K) (int32, error) {
	if key == d.last && d.lastID >= 0 {
		return d.lastID, nil
	}
	id, known := d.ids[key]
	if !known {
		id = d.next
		if err := d.add(id, key); err != nil {
			return 0, err
		}
		d.ids[key] = id
		d.next++
	}
	d.last, d.lastID = key, id
	return id, nil
}

func newDictionary[K comparable](keys map[int32]K, add func(id int32, key K) error) dictionary[K] {
	d := dictionary[K]{ids: make(map[K]int32, len(keys)), add: add, lastID: -1}
	for id, key := range keys {
		d.ids[key] = id
		d.next = max(d.next, id+1)
	}
	return d
}

// placeKey is a fact.Place without its row.
type placeKey struct{ part, field string }

// texts are the dictionaries as a reader needs them.
type texts struct {
	indicators map[int32]string
	dimensions map[int32]fact.Dimensions
	places     map[int32]placeKey
}

func loadTexts(ctx context.Context, tx *sql.Tx) (texts, error) {
	t := texts{indicators: map[int32]string{}, dimensions: map[int32]fact.Dimensions{}, places: map[int32]placeKey{}}
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var (
			table, id   int32
			text, field string
		)
		if err := rows.Scan(&table, &id, &text, &field); err != nil {
			return err
		}
		switch table {
		case 1:
			t.indicators[id] = text
		case 2:
			t.dimensions[id] = fact.Dimensions(text)
		case 3:
			t.places[id] = placeKey{part: text, field: field}
		}
		return nil
	}, `SELECT 1, id, name, '' FROM indicator UNION ALL
		SELECT 2, id, text, '' FROM dimensions UNION ALL
		SELECT 3, id, part, field FROM place`)
	return t, err
}

// dictionaries are the same texts as a writer needs them, with the periods that
// the ledger knows by name.
type dictionaries struct {
	indicators dictionary[string]
	dimensions dictionary[fact.Dimensions]
	places     dictionary[placeKey]
	periods    map[fact.Period]bool
	tx         *sql.Tx
}

func loadDictionaries(ctx context.Context, tx *sql.Tx) (*dictionaries, error) {
	t, err := loadTexts(ctx, tx)
	if err != nil {
		return nil, err
	}
	insert := func(query string, arguments ...any) error {
		_, err := tx.ExecContext(ctx, query, arguments...)
		return err
	}
	return &dictionaries{
		indicators: newDictionary(t.indicators, func(id int32, name string) error {
			return insert("INSERT INTO indicator (id, name) VALUES (?, ?)", id, name)
		}),
		dimensions: newDictionary(t.dimensions, func(id int32, text fact.Dimensions) error {
			return insert("INSERT INTO dimensions (id, text) VALUES (?, ?)", id, string(text))
		}),
		places: newDictionary(t.places, func(id int32, p placeKey) error {
			return insert("INSERT INTO place (id, part, field) VALUES (?, ?, ?)", id, p.part, p.field)
		}),
		periods: map[fact.Period]bool{},
		tx:      tx,
	}, nil
}

// period makes sure that the ledger knows the period by its name.
func (d *dictionaries) period(ctx context.Context, p fact.Period) error {
	if d.periods[p] {
		return nil
	}
	d.periods[p] = true
	_, err := d.tx.ExecContext(ctx, "INSERT INTO period (number, name, first_day) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		p.Number(), p.String(), p.Start(time.UTC).Format(time.DateOnly))
	return err
}

// eachRow calls each for every row of a query.
func eachRow(ctx context.Context, tx *sql.Tx, each func(*sql.Rows) error, query string, arguments ...any) error {
	rows, err := tx.QueryContext(ctx, query, arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// regionNumber reads a region code as the integer that the ledger stores.
func regionNumber(code string) (int64, error) {
	if len(code) < 2 || len(code) > 18 || code[0] == '0' {
		return 0, fmt.Errorf("region code %q: expected 2 to 18 digits, the first not 0", code)
	}
	var n int64
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return 0, fmt.Errorf("region code %q: expected digits only", code)
		}
		n = n*10 + int64(code[i]-'0')
	}
	return n, nil
}
