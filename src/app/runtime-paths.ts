import type { PathNeeds } from './paths.ts';
import type { Runtime } from './runtime.ts';

/** What the paths need, from a command's runtime. The instance is new with each call: a service that is made anew numbers anew. */
export function pathNeeds({ engines, config, clock, metrics, journals, instance, random }: Runtime): PathNeeds {
  const { values } = config;
  return {
    engines,
    values,
    dataDir: values.dataDir,
    instance: `${instance}-${random.id()}`,
    clock,
    metrics,
    journal: (service) => journals.of(service),
  };
}
