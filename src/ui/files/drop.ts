/**
 * Takes files that are dragged over the window, anywhere, and shows where they would go.
 *
 * @element isoloss-drop
 * @fires isoloss-files - `{ files, side }`: files were dropped, into a panel or wherever they fit (null)
 * @csspart target - one of the places
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, state as internal } from 'lit/decorators.js';
import { controls } from '../controls.js';
import type { Side } from '../sides.js';

export interface FilesEvent {
  readonly files: readonly File[];
  readonly side: Side | null;
}

/** Places from left to right; `null` is the one in the middle. */
const PLACES = [
  ['left', 'Left panel'],
  [null, 'Wherever they fit'],
  ['right', 'Right panel'],
] as const;

@customElement('isoloss-drop')
export class DropElement extends LitElement {
  static override styles = [
    controls,
    css`
      .over {
        position: fixed;
        inset: 0;
        z-index: 10;
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        gap: 16px;
        padding: 24px;
        background: color-mix(in srgb, var(--paper) 88%, transparent);
        text-align: center;
      }

      h2 {
        margin: 0;
        font-size: 20px;
        line-height: 28px;
      }

      p {
        margin: 0;
        color: var(--ink-soft);
      }

      .places {
        display: grid;
        grid-template-columns: 1fr 1fr 1fr;
        gap: 16px;
        min-height: 0;
      }

      .place {
        display: grid;
        place-items: center;
        border: 2px dashed var(--line-strong);
        border-radius: 12px;
        font-size: 16px;
        font-weight: 600;
      }

      .place.aimed {
        border: 2px solid var(--accent);
        background: var(--accent-soft);
      }

      @media (max-width: 800px) {
        .places {
          grid-template: 1fr 1fr 1fr / none;
        }
      }
    `,
  ];

  @internal() private dragging = false;
  @internal() private aim: Side | null = null;
  /** Enter and leave come for every element on the way; the difference tells when the window is left. */
  private depth = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('dragenter', this.onEnter);
    window.addEventListener('dragover', this.onOver);
    window.addEventListener('dragleave', this.onLeave);
    window.addEventListener('drop', this.onDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('dragenter', this.onEnter);
    window.removeEventListener('dragover', this.onOver);
    window.removeEventListener('dragleave', this.onLeave);
    window.removeEventListener('drop', this.onDrop);
  }

  private readonly onEnter = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    this.depth++;
    this.dragging = true;
  };

  private readonly onOver = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    // Without this the browser would open the file itself.
    event.preventDefault();
    event.dataTransfer!.dropEffect = 'copy';
    this.aim = this.sideOf(event);
  };

  private readonly onLeave = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    this.depth--;
    if (this.depth <= 0) this.end();
  };

  private readonly onDrop = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const detail: FilesEvent = { files: [...event.dataTransfer!.files], side: this.sideOf(event) };
    this.end();
    this.dispatchEvent(new CustomEvent('isoloss-files', { detail, bubbles: true, composed: true }));
  };

  private end(): void {
    this.depth = 0;
    this.dragging = false;
    this.aim = null;
  }

  /** The place under the pointer; a tree of shadows hides the element itself from the window. */
  private sideOf(event: DragEvent): Side | null {
    const place = event.composedPath().find((node) => node instanceof HTMLElement && node.dataset['side']);
    const side = (place as HTMLElement | undefined)?.dataset['side'];
    return side === 'left' || side === 'right' ? side : null;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.dragging) return nothing;
    return html`<div class="over">
      <div>
        <h2>Drop to open</h2>
        <p>Networks, weights or directions, data, a picture exported from here. They stay on this machine.</p>
      </div>
      <div class="places">
        ${PLACES.map(
          ([side, title]) =>
            html`<div
              class="place ${side === this.aim ? 'aimed' : ''}"
              part="target"
              data-side=${side ?? 'any'}
            >
              ${title}
            </div>`,
        )}
      </div>
    </div>`;
  }
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-drop': DropElement;
  }
}
