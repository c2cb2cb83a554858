import { configurationPage, envExample } from './configuration-page.ts';
import { guidancePage } from './guidance-page.ts';
import { indicatorsPage } from './indicators-page.ts';
import { instrumentsPage } from './instruments-page.ts';
import { errorsPage, eventsPage, exitCodesPage, metricsPage } from './reference-pages.ts';
import { schemaPages } from './schema-pages.ts';

/** Every generated file, by its path from the project's root. */
export const pages = (): Readonly<Record<string, string>> => ({
  'docs/configuration.md': configurationPage(),
  'docs/errors.md': errorsPage(),
  'docs/events.md': eventsPage(),
  'docs/exit-codes.md': exitCodesPage(),
  'docs/guidance.md': guidancePage(),
  'docs/indicators.md': indicatorsPage(),
  'docs/instruments.md': instrumentsPage(),
  'docs/metrics.md': metricsPage(),
  ...schemaPages(),
  '.env.example': envExample(),
});
