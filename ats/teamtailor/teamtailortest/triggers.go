package teamtailortest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
)

// Trigger is the integration saved on a stage. It keeps sending the values it was saved with.
type Trigger struct {
	ID    int
	Stage *Stage

	activation *Activation
	data       map[string]any
}

// Save saves a form that was opened with [OnStage] as a trigger. It returns a [*FormError] if a required field is empty, a
// value does not fit, or the form shows an error.
func (f *Form) Save() (*Trigger, error) {
	st := f.place.stage
	if st == nil {
		return nil, fmt.Errorf("save trigger: %w", ErrWrongPlace)
	}
	data, err := f.data()
	if err != nil {
		return nil, err
	}
	s := f.activation.server
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &Trigger{ID: s.ids.next(idTrigger), Stage: st, activation: f.activation, data: data}
	st.triggers = append(st.triggers, t)
	return t, nil
}

// SaveTrigger opens the form on a stage, fills it in and saves it.
func (a *Activation) SaveTrigger(ctx context.Context, stage *Stage, user *User, choices Choices) (*Trigger, error) {
	f, err := a.OpenForm(ctx, OnStage(stage, user))
	if err != nil {
		return nil, err
	}
	if err := f.Choose(ctx, choices); err != nil {
		return nil, err
	}
	return f.Save()
}

// LogValue keeps the values out of logs.
func (t *Trigger) LogValue() slog.Value { return slog.GroupValue(slog.Int("id", t.ID)) }

// Data returns the webhook-data that the trigger sends.
func (t *Trigger) Data() map[string]any { return maps.Clone(t.data) }

// Remove deletes the trigger. Repeating it does nothing.
func (t *Trigger) Remove() {
	s := t.activation.server
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Stage.triggers = slices.DeleteFunc(t.Stage.triggers, func(other *Trigger) bool { return other == t })
}

// copyTo puts the same trigger on a stage of a job made from the template. Callers hold server.mu.
func (t *Trigger) copyTo(st *Stage) {
	s := t.activation.server
	st.triggers = append(st.triggers, &Trigger{
		ID: s.ids.next(idTrigger), Stage: st, activation: t.activation, data: t.data,
	})
}
