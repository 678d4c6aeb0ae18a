package main

// "selector": whether a label selector selects an object with some labels, and whether the API takes it at all.

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

type selected struct {
	// Matches says whether it selects; false where Invalid is not empty.
	Matches bool `json:"matches"`
	// Invalid says why no selector could be made of it, as controllers see it.
	Invalid string `json:"invalid,omitempty"`
	// Refused says why the API server would not take an object with it; it may refuse what controllers can read.
	Refused string `json:"refused,omitempty"`
}

func init() {
	questions["selector"] = func(request []byte) (any, error) {
		var given struct {
			// null is the selector that is not set.
			Selector *metav1.LabelSelector `json:"selector"`
			Labels   map[string]string     `json:"labels"`
		}
		if err := json.Unmarshal(request, &given); err != nil {
			return nil, err
		}
		var said selected
		refused := validation.ValidateLabelSelector(given.Selector, validation.LabelSelectorValidationOptions{}, field.NewPath("selector"))
		if err := refused.ToAggregate(); err != nil {
			said.Refused = err.Error()
		}
		selector, err := metav1.LabelSelectorAsSelector(given.Selector)
		if err != nil {
			said.Invalid = err.Error()
			return said, nil
		}
		said.Matches = selector.Matches(labels.Set(given.Labels))
		return said, nil
	}
}
