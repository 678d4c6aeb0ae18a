package main

// "network-policy": which pods NetworkPolicies isolate and which connections they let through, as the matcher of
// cyclonus says. The network policy API's working group tests networks against it, and its own policy assistant is made
// of it.
//
// Two things are not left to it. What a selector selects is asked of apimachinery, with which networks select: the
// matcher takes a NotIn to want the label to be there, and an empty value in matchLabels to be met by no label. And its
// simplifier is not used, which is for printing.

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

type networkPolicyQuestion struct {
	Ask        string                        `json:"ask"`
	Namespaces []corev1.Namespace            `json:"namespaces"`
	Pods       []corev1.Pod                  `json:"pods"`
	Policies   []*networkingv1.NetworkPolicy `json:"policies"`
	Flows      []flow                        `json:"flows"`
}

type flow struct {
	From     party           `json:"from"`
	To       party           `json:"to"`
	Protocol corev1.Protocol `json:"protocol"`
	Port     int32           `json:"port"`
}

// party is a pod by "namespace/name", or an address that is no pod's.
type party struct {
	Pod     string `json:"pod"`
	Address string `json:"address"`
}

type networkPolicyAnswer struct {
	// Pods has what policies do to each pod, by "namespace/name" and direction.
	Pods map[string]directions[stance] `json:"pods"`
	// Flows has what becomes of each connection, in the order in which they were asked.
	Flows []directions[gate] `json:"flows"`
}

type directions[T any] struct {
	Ingress T `json:"ingress"`
	Egress  T `json:"egress"`
}

type stance struct {
	// Isolated says whether a policy selects the pod for the direction.
	Isolated bool `json:"isolated"`
	// Open says whether a rule of one that does is for every peer and port.
	Open bool `json:"open"`
}

type gate struct {
	Isolated bool `json:"isolated"`
	Allowed  bool `json:"allowed"`
}

func init() {
	questions["network-policy"] = func(request []byte) (any, error) {
		var given networkPolicyQuestion
		decoder := json.NewDecoder(bytes.NewReader(request))
		// A field that is misspelt would be a question about nothing.
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&given); err != nil {
			return nil, err
		}
		return judgeNetworkPolicies(&given)
	}
}

func judgeNetworkPolicies(given *networkPolicyQuestion) (*networkPolicyAnswer, error) {
	peers, pods := map[string]*matcher.TrafficPeer{}, map[string]*corev1.Pod{}
	for i := range given.Pods {
		pod := &given.Pods[i]
		pods[nameOf(pod)] = pod
		peers[nameOf(pod)] = &matcher.TrafficPeer{IP: pod.Status.PodIP, Internal: &matcher.InternalPeer{
			Namespace:       pod.Namespace,
			NamespaceLabels: map[string]string{named: pod.Namespace},
			PodLabels:       map[string]string{named: nameOf(pod)},
		}}
	}
	for _, policy := range given.Policies {
		setPolicyDefaults(policy)
		if err := selectByName(policy, given); err != nil {
			return nil, err
		}
	}
	policies := matcher.BuildNetworkPolicies(false, given.Policies)
	said := networkPolicyAnswer{Pods: map[string]directions[stance]{}}
	for name, peer := range peers {
		said.Pods[name] = directions[stance]{stanceOf(policies, peer, true), stanceOf(policies, peer, false)}
	}
	for _, flow := range given.Flows {
		from, to := flow.From.peer(peers), flow.To.peer(peers)
		if from == nil || to == nil {
			return nil, fmt.Errorf("%+v is between pods that are not there", flow)
		}
		judged := policies.IsTrafficAllowed(&matcher.Traffic{
			Source:           from,
			Destination:      to,
			ResolvedPort:     int(flow.Port),
			ResolvedPortName: portName(pods[flow.To.Pod], flow.Protocol, flow.Port),
			Protocol:         flow.Protocol,
		})
		said.Flows = append(said.Flows, directions[gate]{gateOf(judged.Ingress), gateOf(judged.Egress)})
	}
	return &said, nil
}

func nameOf(object metav1.Object) string {
	return object.GetNamespace() + "/" + object.GetName()
}

func (p party) peer(pods map[string]*matcher.TrafficPeer) *matcher.TrafficPeer {
	if p.Pod != "" {
		return pods[p.Pod]
	}
	return &matcher.TrafficPeer{IP: p.Address}
}

func stanceOf(policies *matcher.Policy, peer *matcher.TrafficPeer, ingress bool) (found stance) {
	pod := peer.Internal
	for _, target := range policies.TargetsApplyingToPod(ingress, pod.Namespace, pod.PodLabels) {
		found.Isolated = true
		for _, rule := range target.Peers {
			_, everything := rule.(*matcher.AllPeersMatcher)
			found.Open = found.Open || everything
		}
	}
	return found
}

func gateOf(result *matcher.DirectionResult) gate {
	return gate{len(result.AllowingTargets)+len(result.DenyingTargets) > 0, result.IsAllowed()}
}

// portName finds the name that a pod has for a port: the matcher wants it along with the number.
func portName(pod *corev1.Pod, protocol corev1.Protocol, number int32) string {
	if pod == nil {
		return ""
	}
	containers := pod.Spec.Containers
	for _, container := range pod.Spec.InitContainers {
		if container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers, container)
		}
	}
	for _, container := range containers {
		for _, port := range container.Ports {
			of := port.Protocol
			if of == "" {
				of = corev1.ProtocolTCP
			}
			if port.ContainerPort == number && of == protocol && port.Name != "" {
				return port.Name
			}
		}
	}
	return ""
}

// named is the one label that pods and namespaces have for the matcher: their names.
const named = "name"

// selectByName makes each selector of a policy one that names what apimachinery selects by it. One that is not set or
// empty stays as it is: what that means is for the matcher to say.
func selectByName(policy *networkingv1.NetworkPolicy, given *networkPolicyQuestion) error {
	pods, namespaces := map[string]labels.Set{}, map[string]labels.Set{}
	for i := range given.Pods {
		pods[nameOf(&given.Pods[i])] = given.Pods[i].Labels
	}
	for _, namespace := range given.Namespaces {
		// As the API server labels each.
		set := labels.Merge(namespace.Labels, labels.Set{corev1.LabelMetadataName: namespace.Name})
		namespaces[namespace.Name] = set
	}
	type selection struct {
		selector *metav1.LabelSelector
		from     map[string]labels.Set
	}
	selections := []selection{{&policy.Spec.PodSelector, pods}}
	add := func(peers []networkingv1.NetworkPolicyPeer) {
		for i := range peers {
			selections = append(selections,
				selection{peers[i].PodSelector, pods}, selection{peers[i].NamespaceSelector, namespaces})
		}
	}
	for _, rule := range policy.Spec.Ingress {
		add(rule.From)
	}
	for _, rule := range policy.Spec.Egress {
		add(rule.To)
	}
	for _, s := range selections {
		if s.selector == nil || len(s.selector.MatchLabels)+len(s.selector.MatchExpressions) == 0 {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(s.selector)
		if err != nil {
			return err
		}
		selected := metav1.LabelSelectorRequirement{Key: named, Operator: metav1.LabelSelectorOpIn}
		for name, set := range s.from {
			if selector.Matches(set) {
				selected.Values = append(selected.Values, name)
			}
		}
		*s.selector = metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{selected}}
	}
	return nil
}

// setPolicyDefaults does what the API server does to a policy before it stores it: k8s.io/kubernetes/pkg/apis/networking/v1,
// which is no module that others may import (SetDefaults_NetworkPolicy).
func setPolicyDefaults(policy *networkingv1.NetworkPolicy) {
	if len(policy.Spec.PolicyTypes) == 0 {
		policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(policy.Spec.Egress) != 0 {
			policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
}
