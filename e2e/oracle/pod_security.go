package main

// "pod-security": what Pod Security admission says of a pod, control by control and level by level.

import (
	"bytes"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type podSecurity struct {
	// Controls has what each control of the newest version says, by its id.
	Controls map[policy.CheckID]control `json:"controls"`
	// Baseline and Restricted say whether the levels as a whole admit the pod.
	Baseline   bool `json:"baseline"`
	Restricted bool `json:"restricted"`
}

type control struct {
	Level   api.Level `json:"level"`
	Allowed bool      `json:"allowed"`
	Detail  string    `json:"detail,omitempty"`
	// Overridden says of a baseline control that a restricted one stands in for it at that level.
	Overridden bool `json:"overridden,omitempty"`
}

func init() {
	checks := policy.DefaultChecks()
	evaluator, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		panic(err)
	}
	overridden := map[policy.CheckID]bool{}
	for _, check := range checks {
		for _, id := range newest(check).OverrideCheckIDs {
			overridden[id] = true
		}
	}
	questions["pod-security"] = func(request []byte) (any, error) {
		var given struct {
			Ask string     `json:"ask"`
			Pod corev1.Pod `json:"pod"`
		}
		decoder := json.NewDecoder(bytes.NewReader(request))
		// A field that is misspelt would be a question about nothing.
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&given); err != nil {
			return nil, err
		}
		pod := &given.Pod
		setDefaults(&pod.Spec)
		said := podSecurity{Controls: map[policy.CheckID]control{}}
		for _, check := range checks {
			result := newest(check).CheckPod(&pod.ObjectMeta, &pod.Spec)
			said.Controls[check.ID] = control{check.Level, result.Allowed, detail(result), overridden[check.ID]}
		}
		admits := func(level api.Level) bool {
			latest := api.LevelVersion{Level: level, Version: api.LatestVersion()}
			return policy.AggregateCheckResults(evaluator.EvaluatePod(latest, &pod.ObjectMeta, &pod.Spec)).Allowed
		}
		said.Baseline, said.Restricted = admits(api.LevelBaseline), admits(api.LevelRestricted)
		return said, nil
	}
}

func newest(check policy.Check) policy.VersionedCheck {
	return check.Versions[len(check.Versions)-1]
}

func detail(result policy.CheckResult) string {
	if result.ForbiddenDetail == "" {
		return result.ForbiddenReason
	}
	return fmt.Sprintf("%s (%s)", result.ForbiddenReason, result.ForbiddenDetail)
}

// setDefaults does what the API server does to a pod before it admits it, as far as Pod Security reads the fields:
// k8s.io/kubernetes/pkg/apis/core/v1, which is no module that others may import (SetDefaults_Volume,
// defaultHostNetworkPorts).
func setDefaults(spec *corev1.PodSpec) {
	for i := range spec.Volumes {
		if spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	if !spec.HostNetwork {
		return
	}
	for _, containers := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range containers {
			for j := range containers[i].Ports {
				if port := &containers[i].Ports[j]; port.HostPort == 0 {
					port.HostPort = port.ContainerPort
				}
			}
		}
	}
}
