/**
 * The settings of a training: network, data, optimizer.
 *
 * @element isoloss-train-settings
 * @fires isoloss-train - `{ patch }`: of the mode's own table
 * @fires isoloss-change - `{ patch }`: of the page's
 */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { depthOf } from '../../model/architecture.js';
import { elements } from '../../model/graph.js';
import { initialisations } from '../../model/initialisations.js';
import { initialState, type State } from '../../state.js';
import { initialTrain, rateOf, type TrainKey, type TrainState } from '../../state-train.js';
import { bundledData, bundledOf } from '../bundled.js';
import '../field.js';
import type { Option } from '../field.js';
import { count } from '../numbers.js';
import type { Session } from '../session.js';
import './field.js';
import './rate.js';
import type { Run } from './runs.js';
import { optionsRead, type Setting } from './setting.js';
import { settingsStyles } from './settings-styles.js';

@customElement('isoloss-train-settings')
export class TrainSettingsElement extends LitElement {
  static override styles = settingsStyles;

  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) train: TrainState = initialTrain;
  @property({ attribute: false }) session!: Session;
  /** What is trained; null where the settings make nothing that can be. */
  @property({ attribute: false }) setting: Setting | null = null;
  @property({ attribute: false }) runs: readonly Run[] = [];
  /** Another value whenever the runs have changed. */
  @property({ type: Number }) version = 0;

  private fields(...names: TrainKey[]): TemplateResult[] {
    return names.map(
      (name) =>
        html`<isoloss-train-field
          .name=${name}
          .state=${this.train}
          .most=${name === 'batch' ? (this.setting?.samples ?? null) : null}
          .placeholder=${this.usual(name)}
        ></isoloss-train-field>`,
    );
  }

  /** What an empty field means. */
  private usual(name: TrainKey): string {
    if (name === 'rate') return String(rateOf({ ...this.train, rate: 'auto' }));
    const usual = optionsRead(this.train).find(({ key }) => key === name)?.usual;
    return usual === undefined ? 'auto' : String(usual);
  }

  private get dataOptions(): Option[] {
    const own = this.session.library.data.map(({ id, title }) => ({ value: id, label: title }));
    return [...Object.values(bundledData).map(({ name, title }) => ({ value: name, label: title })), ...own];
  }

  private get rows(): number | null {
    return this.setting?.data.samples ?? bundledOf(this.state.data)?.samples ?? null;
  }

  private counted(): string {
    const model = this.setting?.trainees.at(-1)?.model;
    const layers = `${depthOf(this.train)} layers`;
    if (model === undefined) return `${layers}.`;
    const weights = [...model.parameters.values()].filter(({ kind }) => kind === 'weight');
    return `${layers}, ${count(weights.reduce((sum, { shape }) => sum + elements(shape), 0))} weights.`;
  }

  private epoch(): string {
    const samples = this.setting?.samples;
    if (samples === undefined) return '';
    const batch = Math.min(this.train.batch, samples);
    if (batch === samples) return `All ${count(samples)} samples in every step: full-batch descent.`;
    return `${Math.ceil(samples / batch)} steps are an epoch, once through ${count(samples)} samples.`;
  }

  private heldOut(): string {
    if (this.setting === null) return '';
    const others = this.setting.data.samples - this.setting.samples;
    return others === 0
      ? 'All samples are learned from.'
      : `The first so many are learned from; the other ${count(others)} are held out and measured.`;
  }

  override render(): TemplateResult {
    const { train, state } = this;
    const scheduled: TrainKey[] = train.schedule === 'step' ? ['period', 'factor'] : [];
    const around: TrainKey[] =
      train.plane === 'none' ? [] : train.plane === 'run' ? ['every'] : ['every', 'range'];
    const options = optionsRead(train).map(({ key }) => key);
    return html`
      <details open>
        <summary>Network</summary>
        <div>
          ${this.fields('kind', 'blocks', 'layers', 'width', 'skips', 'norm', 'activation', 'init')}
          <p class="soft">${initialisations[train.init].formula}</p>
          ${this.fields('seed')}
          <p class="soft">
            ${this.counted()} The seed draws the weights and the order of the samples; networks with and
            without skips begin with the same.
          </p>
        </div>
      </details>
      <details open>
        <summary>Data</summary>
        <div>
          <isoloss-field name="data" .state=${state} .options=${this.dataOptions}></isoloss-field>
          <isoloss-field name="samples" .state=${state} .most=${this.rows}></isoloss-field>
          <isoloss-field name="loss" .state=${state}></isoloss-field>
          <p class="soft">${this.heldOut()}</p>
        </div>
      </details>
      <details open>
        <summary>Optimizer</summary>
        <div>
          ${this.fields('optimizer', 'rate')}
          <isoloss-train-rate
            .state=${train}
            .runs=${this.runs}
            .version=${this.version}
          ></isoloss-train-rate>
          ${this.fields(...options, 'batch')}
          <p class="soft">${this.epoch()}</p>
          ${this.fields('schedule', ...scheduled, 'warmup', 'steps')}
        </div>
      </details>
      <details open>
        <summary>Landscape</summary>
        <div>
          ${this.fields('plane', ...around)}
          <p class="soft">
            Around the weights of the moment, with the run on it: coarse while it trains, finer when it rests.
            Directions are drawn and normalised as in the mode Landscape.
          </p>
        </div>
      </details>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-train-settings': TrainSettingsElement;
  }
}
