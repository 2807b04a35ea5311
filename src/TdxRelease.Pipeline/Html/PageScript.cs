namespace TdxRelease.Pipeline.Html;

/// <summary>
/// The page's script: looks the planner's answers up in the JSON and shows them. Radio
/// buttons carry keyboard and screen reader, a click into the picture only presses one.
/// It makes elements and sets text, never markup.
/// </summary>
internal static class PageScript
{
    public const string Text = """
        'use strict';
        (() => {
          const data = document.getElementById('plans');
          if (!data) return;
          const { graphs, policies, risks } = JSON.parse(data.textContent);
          const [which, prefer, tier] = ['which', 'prefer', 'tier'].map(id => document.getElementById(id));
          const chosen = graphs.map(() => -1);
          const make = (name, text, parent) => {
            const element = document.createElement(name);
            if (text !== undefined) element.textContent = text;
            if (parent) parent.append(element);
            return element;
          };
          const section = number => document.getElementById('g' + number);
          const plan = number => graphs[number].plans[policies.indexOf(prefer.value + '/' + tier.value)][chosen[number]];

          const steps = (answer, graph, plan) => {
            const list = make('ol', undefined, answer);
            for (const step of plan.path) {
              const changes = step.added.map(n => '+' + n).concat(step.lost.map(n => '\u2212' + n)).join(' ');
              make('li', 'load ' + graph.nodes[step.to].version + ', ' + step.tier + (changes ? ', ' + changes : ''), list);
            }
            const found = [...new Set(plan.path.flatMap(step => step.risks))].map(id => 'Risk: ' + risks[id]).concat(plan.notes);
            if (found.length) {
              const notes = make('ul', undefined, answer);
              for (const note of found) make('li', note, notes);
            }
          };

          const attestation = (answer, graph, plan) => {
            const box = make('div', undefined, answer);
            box.className = 'scroll';
            box.tabIndex = 0;
            box.setAttribute('role', 'region');
            box.setAttribute('aria-label', 'Attestation values');
            const table = make('table', undefined, box);
            make('caption',
              'Accept these MRSEAM values: the widest list before the first update, the shortest when the last host is done', table);
            const head = make('tr', undefined, make('thead', undefined, table));
            for (const title of ['Module', 'Before', 'During', 'After', 'MRSEAM']) make('th', title, head).scope = 'col';
            const body = make('tbody', undefined, table);
            for (const node of plan.during) {
              const row = make('tr', undefined, body);
              make('th', graph.nodes[node].version, row).scope = 'row';
              for (const list of [plan.before, plan.during, plan.after]) make('td', list.includes(node) ? 'accept' : '\u2013', row);
              make('td', graph.nodes[node].mrseam, row).className = 'hash';
            }
            if (plan.tcbBefore) make('p', 'TEE_TCB_SVN of TDs launched before: ' + plan.tcbBefore, answer);
            if (plan.tcbAfter) make('p', 'TEE_TCB_SVN_2 after: ' + plan.tcbAfter, answer);
          };

          const way = (svg, from, to) => {
            const [a, b] = [from, to].map(node => svg.querySelector('[data-node="' + node + '"] .box'))
              .map(box => ['x', 'y', 'width', 'height'].map(name => +box.getAttribute(name)));
            const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
            const rows = Math.round((b[1] - a[1]) / 42), depth = Math.min(70, 14 + 9 * rows), middle = a[0] + a[2] / 2;
            path.setAttribute('class', 'way');
            path.setAttribute('d', rows === 1 ? 'M' + middle + ' ' + (a[1] + a[3]) + 'V' + b[1]
              : 'M' + a[0] + ' ' + (a[1] + 17) + 'C' + (a[0] - depth) + ' ' + (a[1] + 27)
                + ' ' + (a[0] - depth) + ' ' + (b[1] - 3) + ' ' + b[0] + ' ' + (b[1] + 7));
            svg.append(path);
          };

          const draw = number => {
            const svg = section(number).querySelector('svg');
            for (const old of svg.querySelectorAll('.way')) old.remove();
            svg.classList.add('picked');
            const path = [chosen[number], ...plan(number).path.map(step => step.to)];
            for (const node of svg.querySelectorAll('.node')) {
              node.classList.toggle('run', +node.dataset.node === path[0]);
              node.classList.toggle('on', path.includes(+node.dataset.node));
            }
            path.slice(1).forEach((to, i) => way(svg, path[i], to));
          };

          const show = number => {
            if (!graphs[number] || chosen[number] === -1) return;
            const graph = graphs[number], answer = section(number).querySelector('.answer'), result = plan(number);
            answer.textContent = '';
            const running = graph.nodes[chosen[number]].version;
            const title = result.outcome === 'up-to-date' ? running + ' is up to date'
              : result.outcome === 'no-path' ? 'No path from ' + running
              : running + ' \u2192 ' + graph.nodes[result.path[result.path.length - 1].to].version
                + ' in ' + result.path.length + (result.path.length === 1 ? ' update' : ' updates');
            make('h4', title, answer);
            steps(answer, graph, result);
            attestation(answer, graph, result);
            draw(number);
            answer.scrollIntoView({ block: 'nearest' });
          };

          const choose = () => {
            graphs.forEach((graph, number) => { section(number).hidden = number !== +which.value; });
            show(+which.value);
          };

          graphs.forEach((graph, number) => {
            if (!graph) { make('option', section(number).querySelector('h3').textContent, which).value = number; return; }
            make('option', graph.name, which).value = number;
            const set = make('fieldset', undefined, section(number).querySelector('.versions'));
            make('legend', 'Running version: choose one here or in the picture', set);
            const inputs = graph.nodes.map((node, index) => {
              const label = make('label', undefined, set), input = make('input', undefined, label);
              input.type = 'radio';
              input.name = 'running' + number;
              input.value = node.version;
              label.append(node.version);
              input.addEventListener('change', () => { chosen[number] = index; show(number); });
              return input;
            });
            const svg = section(number).querySelector('svg');
            svg.classList.add('ask-me');
            svg.addEventListener('click', event => {
              const node = event.target.closest('.node');
              if (node) inputs[+node.dataset.node].click();
            });
          });
          for (const select of [which, prefer, tier]) select.addEventListener('change', choose);
          which.form.hidden = false;
          choose();
        })();
        """;
}
