package main

// "schedule": what the CronJob controller makes of a schedule, and whether the API server knows a time zone.

import (
	"encoding/json"
	"fmt"
	"time"
	// The API server embeds the time zones that it knows.
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

// times has the bits of each field as the controller keeps them, or the period of a constant delay.
type times struct {
	Bits []string `json:"bits,omitempty"`
	// Every is in seconds.
	Every int64 `json:"every,omitempty"`
	// Invalid says why it is no schedule.
	Invalid string `json:"invalid,omitempty"`
}

func init() {
	questions["schedule"] = func(request []byte) (any, error) {
		var given struct {
			Schedule string `json:"schedule"`
		}
		if err := json.Unmarshal(request, &given); err != nil {
			return nil, err
		}
		return schedule(given.Schedule), nil
	}
	questions["time-zone"] = func(request []byte) (any, error) {
		var given struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(request, &given); err != nil {
			return nil, err
		}
		_, err := time.LoadLocation(given.Name)
		return err == nil, nil
	}
}

func schedule(text string) (said times) {
	// The parser panics on some texts; the API server guards against that, and refuses them.
	defer func() {
		if problem := recover(); problem != nil {
			said = times{Invalid: fmt.Sprint("panic: ", problem)}
		}
	}()
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return times{Invalid: err.Error()}
	}
	switch of := parsed.(type) {
	case *cron.SpecSchedule:
		// As decimals: JSON's numbers have no room for 64 bits.
		for _, bits := range []uint64{of.Minute, of.Hour, of.Dom, of.Month, of.Dow} {
			said.Bits = append(said.Bits, fmt.Sprint(bits))
		}
	case cron.ConstantDelaySchedule:
		said.Every = int64(of.Delay / time.Second)
	}
	return said
}
