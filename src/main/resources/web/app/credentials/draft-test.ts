import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import type { Answer } from '../api/client.js';
import type { Form } from '../elements/form.js';
import { t } from '../texts/texts.js';
import type { TestResult } from './credential.js';
import type { CredentialDraft } from './draft.js';
import { testResult } from './test-result.js';

/** What a test has shown, and of which draft. */
interface Shown {
  readonly result: TestResult;
  readonly of: string;
}

/** The test of a credential that is being typed, and what it has shown, which the next change outdates. */
export class DraftTest {
  #shown: Shown | null = null;
  #running = false;

  constructor(private readonly host: ReactiveControllerHost & HTMLElement, private readonly form: Form<CredentialDraft>) {}

  get isRunning(): boolean {
    return this.#running;
  }

  get hasShown(): boolean {
    return this.#shown !== null;
  }

  async run(ask: (draft: CredentialDraft) => Promise<Answer<TestResult>>): Promise<void> {
    const { draft } = this.form;
    this.#running = true;
    const answer = await this.form.ask(() => ask(draft));
    this.#running = false;
    this.host.requestUpdate();
    if (answer) {
      await this.show(answer.value, draft);
    }
  }

  async show(result: TestResult, draft: CredentialDraft): Promise<void> {
    this.#shown = { result, of: tested(draft) };
    this.host.requestUpdate();
    await this.host.updateComplete;
    this.host.querySelector('.dialog-result .standing')?.scrollIntoView({ block: 'nearest' });
  }

  forget(): void {
    this.#shown = null;
    this.host.requestUpdate();
  }

  /** With the way to save in spite of it, where one is needed. */
  result(isEdit: boolean): TemplateResult | typeof nothing {
    if (!this.#shown) {
      return nothing;
    }
    const { result, of } = this.#shown;
    const { draft } = this.form;
    return html`${testResult(result, of !== tested(draft))}
      ${result.status === 'red' || draft.skipTest ? this.form.toggle('skipTest', { label: t('credentials.form.skipTest'), help: t(isEdit ? 'credentials.form.skipTestEdit' : 'credentials.form.skipTestHelp') }) : nothing}`;
  }
}

/** What a test depends on: a name does not, nor whether it is wanted. */
function tested({ name: _name, skipTest: _skip, store: _store, ...material }: CredentialDraft): string {
  return JSON.stringify(material);
}
