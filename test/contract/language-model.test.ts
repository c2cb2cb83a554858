import { systemClock } from '../../src/adapters/clock/system.ts';
import { anthropicModel } from '../../src/adapters/language-model/anthropic.ts';
import { ollamaModel } from '../../src/adapters/language-model/ollama.ts';
import { openaiCompatibleModel } from '../../src/adapters/language-model/openai-compatible.ts';
import type { LanguageModelOptions } from '../../src/adapters/language-model/provider.ts';
import type { LanguageModel } from '../../src/ports/language-model.ts';
import { anthropicForm } from '../support/model-server/anthropic.ts';
import { KEY, MODEL, startModelServer } from '../support/model-server/model-server.ts';
import { ollamaForm } from '../support/model-server/ollama.ts';
import { openaiForm } from '../support/model-server/openai.ts';
import type { WireForm } from '../support/model-server/wire-form.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { type Desk, languageModelContract } from './language-model.contract.ts';

const clock = systemClock();

const on = (form: WireForm, make: (options: LanguageModelOptions) => LanguageModel): Adapter<Desk> => ({
  available: async () => null,
  open: async () => {
    const server = await startModelServer(form);
    return {
      subject: {
        server,
        model: ({ stream, apiKey = KEY, model = MODEL }) => make({ url: server.url, model, apiKey, stream, clock }),
      },
      dispose: () => server.dispose(),
    };
  },
});

runContract(languageModelContract, {
  'openai-compatible': on(openaiForm, openaiCompatibleModel),
  anthropic: on(anthropicForm, anthropicModel),
  ollama: on(ollamaForm, ollamaModel),
});
