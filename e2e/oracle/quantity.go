package main

// "quantity": what a quantity is worth, and how it compares with another.
// "int-or-percent": how many of a total a number or a percentage is.

import (
	"encoding/json"
	"math/big"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type amount struct {
	// Nanos is the value in billionths, in decimal: a 64 bit number has no room for all of them.
	Nanos string `json:"nanos,omitempty"`
	// Invalid says why it is no quantity.
	Invalid string `json:"invalid,omitempty"`
}

// share has null where the API would refuse the value.
type share struct {
	Up   *int `json:"up"`
	Down *int `json:"down"`
}

func init() {
	questions["quantity"] = func(request []byte) (any, error) {
		var given struct {
			// As JSON has it: a text or a number.
			Quantity json.RawMessage `json:"quantity"`
		}
		if err := json.Unmarshal(request, &given); err != nil {
			return nil, err
		}
		var quantity resource.Quantity
		if err := json.Unmarshal(given.Quantity, &quantity); err != nil {
			return amount{Invalid: err.Error()}, nil
		}
		return amount{Nanos: nanos(quantity)}, nil
	}
	questions["int-or-percent"] = func(request []byte) (any, error) {
		var given struct {
			Value intstr.IntOrString `json:"value"`
			Total int                `json:"total"`
		}
		if err := json.Unmarshal(request, &given); err != nil {
			return nil, err
		}
		scaled := func(up bool) *int {
			number, err := intstr.GetScaledValueFromIntOrPercent(&given.Value, given.Total, up)
			if err != nil {
				return nil
			}
			return &number
		}
		return share{Up: scaled(true), Down: scaled(false)}, nil
	}
}

// nanos is exact: a Quantity holds nothing finer than a billionth.
func nanos(quantity resource.Quantity) string {
	decimal := quantity.AsDec()
	value, scale := new(big.Int).Set(decimal.UnscaledBig()), int64(decimal.Scale())
	ten := func(power int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(power), nil) }
	if scale <= 9 {
		return value.Mul(value, ten(9-scale)).String()
	}
	return value.Quo(value, ten(scale-9)).String()
}
