package app

import (
	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/httpjson"
	"github.com/govkpi/govkpi/collectors/sqlquery"
	"github.com/govkpi/govkpi/collectors/workbook"
)

// kinds lists every kind of collector that the configuration can name. A new
// kind is one package under collectors and one line here.
func kinds() collectors.Kinds {
	return collectors.Kinds{
		sqlquery.Kind(),
		httpjson.Kind(),
		workbook.Kind(),
	}
}
